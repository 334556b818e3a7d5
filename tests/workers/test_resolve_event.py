"""eventDetails: from the cache while it is fresh, else from the source, else stale and marked."""

from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.model.answer import AnswerSource
from fanfare.ports.faults import Permanent, Transient
from fanfare.topology import World
from fanfare.workers import resolve_event
from fanfare.workers.resolve_event import EventAnswer
from tests.builders import EVENT, a_source_event
from tests.workers.at_work import ScriptedSource

DAY = 86_400.0


@pytest.fixture
def source() -> ScriptedSource:
    return ScriptedSource({EVENT: a_source_event()})


def ask(world: World, source: ScriptedSource) -> EventAnswer:
    return resolve_event.run(EVENT, cache=world.cache, source=source, clock=world.clock, fresh_seconds=DAY)


def test_the_source_is_asked_once_a_day(world: World, source: ScriptedSource, clock: SteppedClock) -> None:
    """FLOW-8: cache (24 h), else Discovery API, cached."""
    assert ask(world, source) == EventAnswer(event=a_source_event(), source=AnswerSource.SOURCE)
    clock.advance(seconds=DAY - 1)
    assert ask(world, source) == EventAnswer(event=a_source_event(), source=AnswerSource.CACHE)
    clock.advance(seconds=2)
    assert ask(world, source).source is AnswerSource.SOURCE
    assert len(source.asked) == 2


def test_a_source_that_is_down_gives_the_stale_answer_marked(
    world: World, source: ScriptedSource, clock: SteppedClock
) -> None:
    """FLOW-8: Discovery down: the stale answer, marked."""
    ask(world, source)
    source.faults[EVENT] = Transient("down")
    clock.advance(seconds=2 * DAY)

    assert ask(world, source) == EventAnswer(event=a_source_event(), source=AnswerSource.STALE)


def test_without_any_answer_the_fault_is_told(world: World, source: ScriptedSource, clock: SteppedClock) -> None:
    source.faults[EVENT] = Transient("down")
    with pytest.raises(Transient):
        ask(world, source)

    source.faults.clear()
    ask(world, source)
    source.faults[EVENT] = Transient("down")
    clock.advance_to(clock.now() + timedelta(days=9))
    with pytest.raises(Transient):
        ask(world, source)


def test_a_key_that_is_refused_is_an_operators_business(world: World, source: ScriptedSource) -> None:
    source.faults[EVENT] = Permanent("the key is refused")

    with pytest.raises(Permanent):
        ask(world, source)


def test_an_event_that_does_not_exist_is_an_answer_too(world: World) -> None:
    nobody = ScriptedSource()

    assert ask(world, nobody) == EventAnswer(event=None, source=AnswerSource.SOURCE)
    assert ask(world, nobody) == EventAnswer(event=None, source=AnswerSource.CACHE)
