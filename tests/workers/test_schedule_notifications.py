"""Planning: every slot once, every sale ahead, and together with what its sender has to carry already."""

from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import EventId, SaleId
from fanfare.model.notification import Reason, State
from fanfare.model.offer import SourceEvent
from fanfare.model.sale import SuppressionReason
from fanfare.topology import World
from fanfare.workers import schedule_notifications
from tests.builders import AN_HOUR, EVENT, NOW, PUBLIC, a_demand, a_sale, a_source_event, an_event, demands
from tests.workers.at_work import SMS, a_world, generate, opt_in, plan, release, store

E2 = EventId("E2")
SLOW = {"name": "sms", "channel": "sms", "brands": ["ticketmaster"], "address": "+1", "rate_per_second": 1}


def another(opens_in: timedelta) -> SourceEvent:
    return a_source_event(an_event(E2, version=0), opens_at=NOW + opens_in)


def requests(world: World) -> list[GenerationRequest]:
    return [GenerationRequest.from_json(message.body) for message in world.queues.receive(QUEUE, 10, 1)]


def test_a_sale_that_comes_due_is_planned_and_asked_for(world: World) -> None:
    """FLOW-3."""
    store(world)
    opt_in(world, *demands(3))

    assert plan(world) == 1

    (made,) = world.plans.of_sale(PUBLIC)
    assert (made.sender, made.segments, made.release_at) == (SMS, 3, NOW + timedelta(minutes=30))
    assert requests(world) == [GenerationRequest(event_id=EVENT, sale_id=PUBLIC)]


def test_a_second_tick_of_the_slot_plans_nothing(world: World) -> None:
    store(world)
    plan(world)

    assert plan(world) == 0
    assert len(requests(world)) == 1


def test_the_watermark_moves_with_the_slots(world: World, clock: SteppedClock) -> None:
    """FLOW-3: the look-ahead is max_early and two slots."""
    plan(world)
    first = schedule_notifications.watermark(world.checkpoints)
    assert first is not None
    assert first > NOW + timedelta(hours=3)

    clock.advance(seconds=1800)
    plan(world)

    assert schedule_notifications.watermark(world.checkpoints) == first + timedelta(minutes=30)


def test_what_nobody_is_told_of_is_not_planned(world: World) -> None:
    world.sales.put(a_sale(suppressed=SuppressionReason.KEYWORD))

    assert plan(world) == 0


def test_a_sale_that_opened_while_nobody_looked_is_told_as_missed(
    world: World, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """FLOW-3."""
    plan(world)
    clock.advance(seconds=6 * 3600)
    world.sales.put(a_sale(opens_in=AN_HOUR * 5))
    clock.advance(seconds=60)

    assert plan(world) == 0

    assert [record.getMessage() for record in caplog.records] == ["sale_missed"]
    assert requests(world) == []


@pytest.mark.parametrize("is_sent", [False, True])
def test_what_a_sale_has_sent_is_no_burden_on_the_next(engine: EmbeddedEngine, *, is_sent: bool) -> None:
    """PERF-002: planning adds up what every sale sharing a sender still has to send."""
    # Given a sender of one text a second, and a sale of twenty minutes
    world = a_world(engine, senders=[SLOW])
    store(world)
    opt_in(world, *demands(1200))
    plan(world)
    generate(world)
    if is_sent:
        world.notifications.close(PUBLIC, State.EXPIRED, Reason.SALE_OPENED, NOW, 5000)

    # When another of as many is planned for the same instant
    store(world, another(AN_HOUR))
    opt_in(world, *(a_demand(number, event_id=E2) for number in range(1, 1201)))
    sale = world.sales.get(SaleId("E2:public"))
    assert sale is not None
    (made,) = schedule_notifications.plan_sales(
        [sale], sales=world.sales, events=world.events, demands=world.demands, notifications=world.notifications,
        plans=world.plans, senders=world.senders, policy=world.policy, now=NOW + timedelta(minutes=30),
    )  # fmt: skip

    # Then it is late only where the first is still to be sent
    assert (made.not_reachable > 0) is not is_sent


def test_too_many_are_released_earlier_and_told(engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture) -> None:
    """PERF-001, PERF-002: what cannot fit is alerted at planning with a number."""
    world = a_world(engine, senders=[{**SLOW, "rate_per_second": 0.1}])
    store(world)
    opt_in(world, *demands(400))

    plan(world)

    (made,) = world.plans.of_sale(PUBLIC)
    assert made.release_at < NOW + timedelta(minutes=30)
    assert made.not_reachable == 40
    assert "sale_not_reachable" in [record.getMessage() for record in caplog.records]
    assert release(world) == 0
