"""Release: paced by each sender, earliest opening first, nothing after the opening."""

from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import EventId, SaleId
from fanfare.topology import World
from tests.builders import AN_HOUR, NOW, PUBLIC, a_demand, a_source_event, an_event, demands
from tests.workers.at_work import a_world, count, generate, opt_in, plan, release, rows, store

E2 = EventId("E2")
SECOND_SALE = SaleId("E2:public")
HALF_AN_HOUR = 1800


@pytest.fixture
def world(engine: EmbeddedEngine) -> World:
    """A sender of five texts a second, and thirty fans of a sale in an hour."""
    sender = {"name": "sms", "channel": "sms", "brands": ["ticketmaster"], "address": "+1", "rate_per_second": 5}
    made = a_world(engine, senders=[sender])
    store(made)
    opt_in(made, *demands(30))
    plan(made)
    generate(made)
    return made


def states(world: World, sale_id: SaleId = PUBLIC) -> dict[str, int]:
    return world.notifications.totals(sale_id).by_state


def test_nothing_is_released_before_its_time(world: World) -> None:
    assert release(world) == 0
    assert states(world) == {"CREATED": 30}


def test_about_two_seconds_of_the_rate_are_kept_released(world: World, clock: SteppedClock) -> None:
    """FLOW-5."""
    clock.advance(seconds=HALF_AN_HOUR)

    assert release(world) == 10
    assert release(world) == 0, "the sender has not taken them yet"
    assert states(world) == {"CREATED": 20, "TRIGGERED": 10}


def test_nothing_is_released_while_sending_is_paused(world: World, clock: SteppedClock) -> None:
    clock.advance(seconds=HALF_AN_HOUR)
    world.switches.pause("a drill")

    assert release(world) == 0


def test_the_earliest_opening_goes_first_and_nobody_is_starved(world: World, clock: SteppedClock) -> None:
    store(world, a_source_event(an_event(E2, version=0), opens_at=NOW + AN_HOUR - timedelta(minutes=10)))
    opt_in(world, *(a_demand(number, event_id=E2) for number in range(1, 31)))
    plan(world)
    world.queues.send("generation", ['{"eventId": "E2", "saleId": "E2:public"}'])
    generate(world)
    clock.advance(seconds=HALF_AN_HOUR)

    release(world)

    assert states(world)["TRIGGERED"] == 1
    assert states(world, SECOND_SALE)["TRIGGERED"] == 9


def test_rows_of_an_older_revision_wait_for_their_new_times(world: World, clock: SteppedClock) -> None:
    clock.advance(seconds=HALF_AN_HOUR)
    sale = world.sales.get(PUBLIC)
    assert sale is not None
    later = NOW + 3 * AN_HOUR
    world.sales.put(sale.moved(starts_at=later, send_at=later - AN_HOUR / 2))

    assert release(world) == 0


def test_what_waits_when_the_sale_opens_is_expired(world: World, clock: SteppedClock) -> None:
    """REQ-001."""
    clock.advance(seconds=2 * HALF_AN_HOUR)

    assert release(world) == 30
    assert count(row.reason for number in range(1, 31) for row in rows(world, number)) == {"sale_opened": 30}
