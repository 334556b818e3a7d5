"""Attempts that nobody settled, and rows whose report never came."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.notification import Notification, Reason, State
from fanfare.model.report import Report, ReportStatus
from fanfare.ports.channels import Found, LookUpFailed, MaySend, NotFound, Outcome, SmsBatch
from fanfare.topology import World, routes, sending_ground, settling_ground
from fanfare.workers import reconcile_notifications, send_notifications
from tests.builders import NOW, a_demand
from tests.workers.at_work import ScriptedSms, a_world, fan_ref, generate, opt_in, plan, release, row, store

SID = "SM00000001"


class KilledError(BaseException):
    """The process dies in the middle of a send."""


class DyingSms(ScriptedSms):
    """Never comes back from a call."""

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        del batch, may_send
        raise KilledError


@pytest.fixture
def sms() -> ScriptedSms:
    return ScriptedSms()


@pytest.fixture
def world(engine: EmbeddedEngine, sms: ScriptedSms, clock: SteppedClock) -> World:
    """One fan whose attempt was begun and never settled."""
    made = replace(a_world(engine), sms=sms)
    store(made)
    opt_in(made, a_demand(1))
    plan(made)
    generate(made)
    clock.advance_to(NOW + timedelta(minutes=30))
    release(made)
    sender = next(each for each in made.senders if each.name == "sms")
    with pytest.raises(KilledError):
        send_notifications.run(sender, ground=sending_ground(replace(made, sms=DyingSms())))
    assert row(made).state is State.QUEUED
    return made


def settle(world: World, clock: SteppedClock, *, seconds: float) -> Notification:
    clock.advance(seconds=seconds)
    reconcile_notifications.run(clock.now(), ground=settling_ground(world))
    return row(world)


def test_nobody_asks_before_the_attempt_must_be_over(world: World, sms: ScriptedSms, clock: SteppedClock) -> None:
    """PERF-003."""
    settle(world, clock, seconds=59)

    assert sms.asked == []


def test_what_the_provider_has_is_sent(world: World, sms: ScriptedSms, clock: SteppedClock) -> None:
    sms.answers = [Found(provider_id=SID, report=None)]

    settled = settle(world, clock, seconds=60)

    assert (settled.state, settled.provider_id, settled.attempts) == (State.SENT, SID, 1)
    (asked,) = sms.asked
    assert world.vault.read_callback_tokens([asked.token])[0] is not None


def test_a_final_status_comes_along_with_the_look_up(world: World, sms: ScriptedSms, clock: SteppedClock) -> None:
    told = Report(provider="lab", provider_id=SID, token=None, status=ReportStatus.DELIVERED, code=None, at=clock.now())
    sms.answers = [Found(provider_id=SID, report=told)]
    clock.advance(seconds=60)

    route = next(route for route in routes(world) if route.name == "reconcile_notifications")
    route.work(clock.now())  # pyright: ignore[reportArgumentType]

    assert row(world).state is State.DELIVERED


def test_two_empty_look_ups_permit_a_retry_and_one_does_not(
    world: World, sms: ScriptedSms, clock: SteppedClock
) -> None:
    """REQ-004."""
    sms.answers = [NotFound()]

    assert settle(world, clock, seconds=60).state is State.QUEUED
    assert settle(world, clock, seconds=9).state is State.QUEUED
    settled = settle(world, clock, seconds=1)

    assert (settled.state, settled.reason) == (State.CREATED, Reason.RETRY)
    assert len(sms.asked) == 2


def test_a_provider_that_stays_silent_until_after_the_opening_leaves_it_unconfirmed(
    world: World, sms: ScriptedSms, clock: SteppedClock
) -> None:
    sms.answers = [LookUpFailed()]

    assert settle(world, clock, seconds=60).state is State.QUEUED
    assert settle(world, clock, seconds=29 * 60).state is State.QUEUED

    assert settle(world, clock, seconds=5 * 60).state is State.UNCONFIRMED


def test_a_fan_who_was_forgotten_cannot_be_asked_about(world: World, sms: ScriptedSms, clock: SteppedClock) -> None:
    world.vault.forget(fan_ref(world))

    assert settle(world, clock, seconds=60).state is State.UNCONFIRMED
    assert sms.asked == []


def test_a_report_that_never_comes_lets_the_row_rest(world: World, sms: ScriptedSms, clock: SteppedClock) -> None:
    sms.answers = [Found(provider_id=SID, report=None)]
    settle(world, clock, seconds=60)

    settled = settle(world, clock, seconds=world.policy.report_deadline_hours * 3600)

    assert (settled.state, settled.reason, settled.wake_at) == (State.SENT, Reason.NO_REPORT, None)
    assert settled.is_ended
