"""Events with demand are kept true to their source, within its quota."""

from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.model.ids import EventId
from fanfare.ports.faults import Permanent, Transient
from fanfare.topology import World, event_store
from fanfare.workers import refresh_events
from tests.builders import AN_HOUR, NOW, a_demand, a_source_event, an_event
from tests.workers.at_work import ScriptedSource, opt_in

IDS = [EventId(f"E{number}") for number in range(1, 5)]


@pytest.fixture
def source() -> ScriptedSource:
    return ScriptedSource({each: a_source_event(an_event(each, version=0)) for each in IDS})


@pytest.fixture
def asked(world: World) -> World:
    """Fans ask for four events; the first was checked last."""
    opt_in(world, *(a_demand(1, event_id=each) for each in IDS))
    for minutes, each in enumerate(reversed(IDS)):
        world.events.checked(each, NOW + timedelta(minutes=minutes))
    return world


def refresh(world: World, source: ScriptedSource) -> int:
    return refresh_events.run(
        world.clock.now(), events=world.events, source=source, store=event_store(world), refresh_minutes=60
    )


def test_events_that_nobody_asks_for_are_left_alone(world: World, source: ScriptedSource) -> None:
    event_store(world)([a_source_event()])

    assert refresh(world, source) == 0


def test_the_longest_unchecked_come_first_and_the_fresh_not_at_all(
    asked: World, source: ScriptedSource, clock: SteppedClock
) -> None:
    """FLOW-10."""
    clock.advance_to(NOW + AN_HOUR + timedelta(minutes=2, seconds=1))

    assert refresh(asked, source) == 3

    assert source.asked == [EventId("E4"), EventId("E3"), EventId("E2")]
    assert refresh(asked, source) == 0


def test_a_moved_sale_is_moved(asked: World, source: ScriptedSource, clock: SteppedClock) -> None:
    """FLOW-10: moved sales re-plan."""
    event_store(asked)(list(source.events.values()))
    source.events[IDS[0]] = a_source_event(an_event(IDS[0], version=0), opens_at=NOW + 9 * AN_HOUR)
    clock.advance(seconds=2 * 3600)

    refresh(asked, source)

    (sale,) = asked.sales.of_event(IDS[0])
    assert (sale.starts_at, sale.revision) == (NOW + 9 * AN_HOUR, 2)


def test_over_the_quota_it_stops_and_goes_on_at_the_next_tick(
    asked: World, source: ScriptedSource, clock: SteppedClock
) -> None:
    """FLOW-10: within Discovery's quota."""
    clock.advance(seconds=2 * 3600)
    source.faults[EventId("E3")] = Transient("over quota", retry_after_seconds=60)

    assert refresh(asked, source) == 1
    source.faults.clear()
    assert refresh(asked, source) == 3


def test_an_event_that_cannot_be_read_holds_up_no_other(
    asked: World, source: ScriptedSource, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.advance(seconds=2 * 3600)
    source.faults[EventId("E4")] = Permanent("event E4.name: missing")

    assert refresh(asked, source) == 3
    assert refresh(asked, source) == 0, "it is asked again when its turn comes"
    assert "event_refresh_failed" in [record.getMessage() for record in caplog.records]


def test_an_event_that_is_gone_is_noted_and_not_asked_again_at_once(
    asked: World, source: ScriptedSource, clock: SteppedClock
) -> None:
    clock.advance(seconds=2 * 3600)
    del source.events[EventId("E4")]

    assert refresh(asked, source) == 3
    assert refresh(asked, source) == 0
