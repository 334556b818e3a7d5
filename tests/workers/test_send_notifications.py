"""Intent, call, outcome: one outcome for each, and each outcome in its row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import Reason, State
from fanfare.ports.channels import Accepted, NotSent, Outcome, Refused, Unknown
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from fanfare.topology import World, sending_ground
from fanfare.workers import send_notifications
from fanfare.workers.send_notifications import Wanted
from tests.builders import NOW, a_demand, a_mail_demand, a_mailbox, a_phone, a_sale, demands
from tests.workers.at_work import (
    SMS,
    ScriptedEmail,
    ScriptedSms,
    a_world,
    fan_ref,
    generate,
    opt_in,
    plan,
    release,
    row,
    store,
)

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def sms() -> ScriptedSms:
    return ScriptedSms()


@pytest.fixture
def world(engine: EmbeddedEngine, sms: ScriptedSms) -> World:
    """Three fans whose reminders may leave now."""
    made = replace(a_world(engine), sms=sms, email=ScriptedEmail())
    store(made)
    opt_in(made, *demands(3), a_mail_demand(3))
    plan(made)
    generate(made)
    assert isinstance(made.clock, SteppedClock)
    made.clock.advance_to(NOW + HALF_AN_HOUR)
    release(made)
    return made


def send(world: World, sender: str = SMS) -> int:
    (chosen,) = [each for each in world.senders if each.name == sender]
    return send_notifications.run(chosen, ground=sending_ground(world))


def test_what_was_released_is_sent_once(world: World, sms: ScriptedSms) -> None:
    """FLOW-6."""
    assert send(world) == 3
    assert send(world) == 0

    assert sorted(sms.addresses) == [a_phone(number) for number in (1, 2, 3)]
    assert row(world).state is State.SENT
    assert (row(world).attempts, row(world).provider_id) == (1, f"SM{a_phone(1)[1:]}1")


def test_a_batch_carries_our_own_names_and_ends_with_its_sale(world: World, sms: ScriptedSms) -> None:
    """PERF-003: no request leaves later than five seconds after the intent."""
    send(world)
    (batch,) = sms.batches

    refs = world.vault.read_callback_tokens(batch.tokens)
    assert {(ref.notification_id, ref.attempt) for ref in refs if ref} == {
        (row(world, number).notification_id, 1) for number in (1, 2, 3)
    }
    assert set(batch.valid_seconds) == {1800}
    assert batch.deadline_monotonic == world.clock.monotonic_seconds() + 5


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Accepted("SM00000001"), State.SENT, None),
        (Refused(Reason.INVALID_NUMBER, code=21211), State.FAILED, Reason.INVALID_NUMBER),
        (NotSent(retry_after_seconds=30, code=20429), State.CREATED, Reason.RETRY),
        (Unknown("reset"), State.QUEUED, Reason.UNKNOWN_OUTCOME),
    ],
)
def test_each_outcome_has_its_state(
    world: World, sms: ScriptedSms, outcome: Outcome, state: State, reason: Reason | None
) -> None:
    """FLOW-6, REQ-004: one item's outcome is no other's."""
    sms.outcomes[a_phone(1)] = outcome

    send(world)

    assert (row(world, 1).state, row(world, 1).reason) == (state, reason)
    assert row(world, 2).state is State.SENT


def test_a_retry_waits_as_long_as_the_provider_asks(world: World, sms: ScriptedSms) -> None:
    """REQ-004."""
    sms.outcomes[a_phone(1)] = NotSent(retry_after_seconds=30, code=20429)

    send(world)

    wake_at = row(world).wake_at
    assert wake_at is not None
    assert NOW + HALF_AN_HOUR + timedelta(seconds=30) <= wake_at <= NOW + HALF_AN_HOUR + timedelta(seconds=40)


def test_an_attempt_that_never_left_does_not_count(world: World, sms: ScriptedSms) -> None:
    sms.otherwise = NotSent(counts=False)

    send(world)

    assert (row(world).state, row(world).attempts) == (State.CREATED, 0)


def test_the_bucket_is_never_overdrawn(engine: EmbeddedEngine, sms: ScriptedSms) -> None:
    """FLOW-5: the rate is spent with the intent."""
    sender = {"name": "sms", "channel": "sms", "brands": ["ticketmaster"], "address": "+15005550006"}
    slow = replace(a_world(engine, senders=[{**sender, "rate_per_second": 1, "burst": 2}]), sms=sms)
    store(slow)
    opt_in(slow, *demands(5))
    plan(slow)
    generate(slow)
    assert isinstance(slow.clock, SteppedClock)
    slow.clock.advance_to(NOW + HALF_AN_HOUR)
    release(slow)

    assert send(slow) == 2
    assert send(slow) == 0
    slow.clock.advance(seconds=1)
    release(slow)
    assert send(slow) == 1


def test_nothing_is_sent_while_sending_is_paused(world: World, sms: ScriptedSms) -> None:
    world.switches.pause("a drill")

    assert send(world) == 0
    assert sms.batches == []


def test_an_opt_out_that_came_after_the_release_ends_the_row(world: World, sms: ScriptedSms) -> None:
    (address_hash,) = world.vault.hash([a_phone(1)])
    world.opt_outs.record(
        [OptOut(address_hash=address_hash, channel=Channel.SMS, scope=EVERY_BRAND, active=True, at=NOW, source="api")]
    )

    send(world)

    assert (row(world).state, row(world).reason) == (State.SUPPRESSED, Reason.OPTED_OUT)
    assert a_phone(1) not in sms.addresses


def test_a_forgotten_fan_is_not_written_to(world: World, sms: ScriptedSms) -> None:
    world.vault.forget(fan_ref(world))

    send(world)

    assert row(world).reason is Reason.FORGOTTEN
    assert a_phone(1) not in sms.addresses


def test_a_provider_that_says_opted_out_is_written_down(world: World, sms: ScriptedSms) -> None:
    sms.outcomes[a_phone(1)] = Refused(Reason.OPTED_OUT, code=21610, opted_out=True)

    send(world)

    (address_hash,) = world.vault.hash([a_phone(1)])
    assert world.opt_outs.of(Channel.SMS, [address_hash]) == {address_hash: {EVERY_BRAND}}


def test_a_sender_that_is_refused_stops_everything(world: World, sms: ScriptedSms) -> None:
    sms.outcomes[a_phone(2)] = Refused(Reason.SENDER_PROBLEM, code=20003, alert=True)

    send(world)

    assert world.switches.paused() == "provider refuses sender sms: codes [20003]"


def test_a_mail_carries_the_fans_own_way_out(world: World) -> None:
    send(world, "email")

    assert isinstance(world.email, ScriptedEmail)
    (batch,) = world.email.batches
    assert batch.addresses == [a_mailbox(3)]
    token = batch.unsubscribe_urls[0].rpartition("/")[2]
    assert world.vault.read_fan(token) == (fan_ref(world, 3), "unsubscribe:ticketmaster")


def test_a_sale_that_moved_since_the_release_sends_the_row_back(world: World, sms: ScriptedSms) -> None:
    sale = world.sales.get(a_sale().sale_id)
    assert sale is not None
    later = NOW + timedelta(hours=5)
    world.sales.put(sale.moved(starts_at=later, send_at=later - HALF_AN_HOUR))

    send(world)

    assert (row(world).state, row(world).reason) == (State.CREATED, Reason.REPLANNED)
    assert sms.batches == []


def test_words_that_cannot_be_written_hold_up_nobody_else(world: World, sms: ScriptedSms) -> None:
    # Given words that fail for one brand
    opt_in(world, a_demand(9, brand="livenation", at=NOW))

    def compose(wanted: Wanted) -> SmsMessage | EmailMessage:
        if wanted.brand.key == "livenation":
            raise ValueError("text is 3 septets too long")
        return world.compose(wanted)

    broken = replace(world, compose=compose)
    request = GenerationRequest(event_id=a_sale().event_id, sale_id=a_sale().sale_id, fan_ref=fan_ref(world, 9))
    world.queues.send(QUEUE, [request.to_json()])
    generate(world)
    release(world)

    # When the batch is sent
    send(broken)

    # Then the others went, and that row waits with its time
    assert sorted(sms.addresses) == [a_phone(number) for number in (1, 2, 3)]
    assert (row(world, 9).state, row(world, 9).attempts) == (State.CREATED, 0)
    assert (row(world, 9).wake_at or NOW) > world.clock.now()
