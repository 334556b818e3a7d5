"""What every engine promises about the pause."""

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.engines.embedded.switches import Switches


def test_a_pause_acts_at_once_where_it_was_said(engine: EmbeddedEngine) -> None:
    assert engine.switches.paused() is None

    engine.switches.pause("wrong words")
    assert engine.switches.paused() == "wrong words"
    engine.switches.pause("still wrong")
    assert engine.switches.paused() == "still wrong"
    engine.switches.resume()
    assert engine.switches.paused() is None


def test_a_pause_said_elsewhere_acts_within_a_second(engine: EmbeddedEngine) -> None:
    seconds = [0.0]
    elsewhere = Switches(engine.store, seconds=lambda: seconds[0])
    assert elsewhere.paused() is None

    engine.switches.pause("carrier trouble")
    seconds[0] = 0.9

    assert elsewhere.paused() == "carrier trouble"
