"""``fanfare pause`` and ``fanfare resume``."""

from pathlib import Path

from tests.doors.cli.command_line import answer, run
from tests.doors.cli.stores import engine_of


def test_sending_stops_with_a_reason_and_goes_on(data_dir: Path) -> None:
    assert answer("pause", "--reason", "wrong words", data=data_dir) == {"paused": "wrong words", "before": None}
    with engine_of(data_dir) as engine:
        assert engine.switches.paused() == "wrong words"

    assert answer("resume", data=data_dir) == {"paused": None, "before": "wrong words"}
    with engine_of(data_dir) as engine:
        assert engine.switches.paused() is None


def test_resuming_what_is_not_paused_is_no_error(data_dir: Path) -> None:
    assert run("resume", data=data_dir).stdout == "sending goes on\n"


def test_the_doctor_tells_of_a_pause(data_dir: Path) -> None:
    run("pause", "--reason", "wrong words", data=data_dir)

    told = answer("doctor", "--offline", data=data_dir, code=1)

    assert [check["what"] for check in told["checks"] if check["level"] == "problem"] == ["paused: wrong words"]
