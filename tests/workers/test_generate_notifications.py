"""One notification per recipient and chosen contact method; every step may be repeated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.notification import Reason, State
from fanfare.ports.faults import Permanent
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from fanfare.ports.queues import QueueMessage
from fanfare.topology import World, event_store, generation_ground
from fanfare.workers import generate_notifications
from tests.builders import (
    EVENT,
    NOW,
    OTHER_BRAND,
    PUBLIC,
    a_demand,
    a_mail_demand,
    a_phone,
    a_source_event,
    an_event,
    demands,
)
from tests.workers.at_work import a_world, count, fan_ref, generate, opt_in, plan, row, rows, store

REQUEST = GenerationRequest(event_id=EVENT, sale_id=PUBLIC)


def ask(world: World, request: GenerationRequest = REQUEST) -> int:
    world.queues.send(QUEUE, [request.to_json()])
    return generate(world)


def step(world: World, body: str) -> int:
    message = QueueMessage(message_id="1.1", body=body, attempts=1)
    return generate_notifications.run([message], ground=generation_ground(world))


def totals(world: World) -> dict[str, int]:
    return world.notifications.totals(PUBLIC).by_state


def test_each_fan_gets_a_row_for_each_channel_they_chose(world: World) -> None:
    """FLOW-4."""
    store(world)
    opt_in(world, a_demand(1), a_mail_demand(1), a_demand(2))

    assert ask(world) == 3

    assert sorted(each.channel for each in rows(world, 1)) == [Channel.EMAIL, Channel.SMS]
    assert row(world, 2).wake_at == NOW + timedelta(minutes=30)
    assert row(world, 2).cut_off_at == NOW + timedelta(hours=1)


def test_a_step_may_be_repeated(world: World) -> None:
    """FLOW-4, CONST-002."""
    store(world)
    opt_in(world, *demands(3))
    ask(world)

    assert ask(world) == 0
    assert totals(world) == {"CREATED": 3}


def test_a_large_audience_is_written_in_pages_of_5000(world: World) -> None:
    """FLOW-4: batches of 5,000."""
    store(world)
    for first in (1, 4001):
        opt_in(world, *demands(4000, first=first))
    world.queues.send(QUEUE, [REQUEST.to_json()])

    written: list[int] = []
    while messages := world.queues.receive(QUEUE, 1, 60):
        written.append(generate_notifications.run(messages, ground=generation_ground(world)))
        world.queues.done(QUEUE, [messages[0].message_id])

    assert [number for number in written if number] == [5000, 3000]
    assert totals(world) == {"CREATED": 8000}


@pytest.mark.slow
def test_fifty_thousand_fans_of_one_event_have_their_rows(world: World) -> None:
    """PERF-001: 50,000 notifications for one event."""
    store(world)
    for first in range(1, 50_001, 5000):
        opt_in(world, *(a_demand(number, address=f"+1416{number:07}") for number in range(first, first + 5000)))

    ask(world)

    assert totals(world) == {"CREATED": 50_000}


def test_a_channel_that_the_fan_does_not_accept_has_no_row(world: World) -> None:
    """FLOW-4: channel preferences per brand decide which exist."""
    store(world)
    opt_in(world, a_demand(1), a_mail_demand(1))
    world.demands.prefer(fan_ref(world), "ticketmaster", frozenset({Channel.EMAIL}))

    ask(world)

    assert [each.channel for each in rows(world)] == [Channel.EMAIL]


def test_an_opt_out_is_a_row_that_says_so(world: World) -> None:
    store(world)
    opt_in(world, a_demand(1))
    (address_hash,) = world.vault.hash([a_phone(1)])
    world.opt_outs.record(
        [OptOut(address_hash=address_hash, channel=Channel.SMS, scope=EVERY_BRAND, active=True, at=NOW, source="api")]
    )

    ask(world)

    assert (row(world).state, row(world).reason) == (State.SUPPRESSED, Reason.OPTED_OUT)


def test_a_brand_may_silence_what_another_tells(world: World) -> None:
    """REQ-005: per brand."""
    store(world, a_source_event(an_event(version=0, name="Zoë: Parking")))
    opt_in(world, a_demand(1), a_demand(2, brand=OTHER_BRAND))

    ask(world)

    assert row(world, 1).state is State.CREATED
    assert row(world, 2).reason is Reason.SALE_SUPPRESSED


def test_who_cannot_be_told_keeps_nobody_else_on_the_phone_from_it(world: World) -> None:
    # Given two fans on one phone, the first of a brand that is silent about this sale
    store(world, a_source_event(an_event(version=0, name="Zoë: Parking")))
    opt_in(world, a_demand(1, brand=OTHER_BRAND), a_demand(2, address=a_phone(1)))
    assert fan_ref(world, 1) != fan_ref(world, 2)

    ask(world)

    assert row(world, 1).reason is Reason.SALE_SUPPRESSED
    assert row(world, 2).state is State.CREATED


def test_a_brand_without_a_sender_has_rows_that_say_so(engine: EmbeddedEngine) -> None:
    world = a_world(engine, senders=[])
    store(world)
    opt_in(world, a_demand(1))

    ask(world)

    assert row(world).reason is Reason.NO_SENDER


def test_a_suppressed_sale_is_told_to_nobody(world: World) -> None:
    """REQ-005: "registration" by default."""
    store(world, a_source_event(an_event(version=0, name="Verified Fan Registration")))
    opt_in(world, a_demand(1))

    assert ask(world) == 0
    assert rows(world) == ()


def test_who_opts_in_after_the_freeze_is_marked_late(world: World, clock: SteppedClock) -> None:
    """FLOW-5."""
    store(world)
    opt_in(world, a_demand(1))
    ask(world)
    clock.advance(seconds=60)
    opt_in(world, a_demand(2))

    assert ask(world, replace(REQUEST, fan_ref=fan_ref(world, 2))) == 1

    assert (row(world, 1).late, row(world, 2).late) == (False, True)


def test_an_event_without_a_short_link_waits_for_it_a_while(world: World, clock: SteppedClock) -> None:
    """REQ-006: generation has a short link first, with a bounded wait, then our own redirector."""
    event_store(world)([a_source_event()])
    opt_in(world, a_demand(1))

    assert ask(world) == 0
    waited = 0
    while not rows(world):
        clock.advance(seconds=10)
        waited += 10
        generate(world)

    assert waited == world.policy.short_link_wait_seconds
    assert (world.events.get([EVENT])[EVENT].short_url or "").startswith("https://fanf.example/")


def test_so_near_to_the_opening_that_it_would_cost_reminders_nobody_waits(world: World) -> None:
    """REQ-006."""
    event_store(world)([a_source_event(opens_at=NOW + timedelta(minutes=2))])
    opt_in(world, a_demand(1))

    assert ask(world) == 1


@pytest.mark.parametrize("body", ["no json", "{}", '{"eventId": "E9", "saleId": "E9:public"}'])
def test_a_request_for_nothing_is_refused_for_good(world: World, body: str) -> None:
    with pytest.raises(Permanent):
        step(world, body)


def moved(world: World, *, minutes: int) -> None:
    event_store(world)([a_source_event(opens_at=NOW + timedelta(minutes=minutes))])


def called_off(world: World) -> None:
    event_store(world)([a_source_event(opens_at=None)])


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (called_off, {"CANCELLED": 2}),
        (partial(moved, minutes=240), {"CREATED": 2}),
        (partial(moved, minutes=-1), {"EXPIRED": 2}),
    ],
)
def test_rows_follow_what_became_of_their_sale(
    world: World, change: Callable[[World], None], ends: dict[str, int]
) -> None:
    """FLOW-10."""
    store(world)
    opt_in(world, *demands(2))
    plan(world)
    generate(world)

    change(world)
    ask(world)

    assert totals(world) == ends


def test_a_sale_that_moved_has_its_rows_planned_anew(world: World) -> None:
    store(world)
    opt_in(world, a_demand(1))
    ask(world)

    moved(world, minutes=240)
    ask(world)

    assert (row(world).reason, row(world).sale_revision) == (Reason.REPLANNED, 2)
    assert row(world).wake_at == NOW + timedelta(minutes=210)


def test_a_chain_that_was_cut_by_the_opening_is_finished(world: World, clock: SteppedClock) -> None:
    """Whoever was to be told has a row, even where it comes too late to send it."""
    store(world)
    opt_in(world, *demands(3))
    step(world, REQUEST.to_json())
    clock.advance(seconds=2 * 3600)

    assert generate(world) == 3
    assert count(each.state for number in (1, 2, 3) for each in rows(world, number)) == {"CREATED": 3}
