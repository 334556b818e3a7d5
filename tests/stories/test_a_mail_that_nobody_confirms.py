"""The connection breaks after the last dot: nobody can be asked about a mail, so it is told as what it is, unknown."""

from fanfare.model.channel import Channel
from fanfare.model.notification import Reason, State
from fanfare.rules.why_words import Cause
from fanfare.workers import explain
from tests.builders import AN_HOUR, PUBLIC, a_fan, a_listing, a_mail_demand, a_mailbox
from tests.stage import Stage
from tests.stories.conftest import OpenStage


def a_night(open_stage: OpenStage, **options: object) -> Stage:
    """An hour with a mail server that takes each mail and hangs up without a word, and a few minutes."""
    stage = open_stage(faults="mail_drop=1", **options)
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_mail_demand(1))
    stage.pass_time(minutes=65)
    return stage


def test_a_mail_of_unknown_outcome_ends_unconfirmed_and_is_not_repeated(open_stage: OpenStage) -> None:
    stage = a_night(open_stage)

    row = stage.row(1, channel=Channel.EMAIL)
    assert (row.state, row.reason, row.attempts) == (State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME, 1)
    assert row.is_ended
    assert stage.ledger(a_mailbox(1))["accepted"] == 1
    assert stage.engine.store.value("SELECT provider FROM notification") == stage.world.email.provider


def test_why_and_the_sale_say_so(open_stage: OpenStage) -> None:
    world = a_night(open_stage).world

    told = explain.explain(
        a_fan(1), PUBLIC, sales=world.sales, events=world.events, demands=world.demands,
        notifications=world.notifications, switches=world.switches, clock=world.clock,
    )  # fmt: skip
    totals = explain.totals(PUBLIC, sales=world.sales, notifications=world.notifications)

    assert (told.answer.cause, told.answer.reason) == (Cause.UNCONFIRMED, Reason.UNKNOWN_OUTCOME)
    assert totals is not None
    assert (totals.by_state, totals.by_reason) == ({"UNCONFIRMED": 1}, {"unknown_outcome": 1})
    assert (totals.ends, totals.in_flight, totals.adds_up) == (1, 0, True)


def test_a_brand_that_would_rather_repeat_sends_once_more_and_then_rests(open_stage: OpenStage) -> None:
    stage = a_night(open_stage, brands={"ticketmaster": {"resend_unknown": True}})

    row = stage.row(1, channel=Channel.EMAIL)
    assert (row.state, row.reason, row.attempts, row.resent) == (State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME, 2, True)
    assert stage.ledger(a_mailbox(1))["accepted"] == 2
