"""The provider fails in every way it can; the lab's ledger tells what was really taken."""

import pytest

from fanfare.model.notification import Reason, State
from tests.builders import AN_HOUR, a_listing, demands
from tests.stage import Stage
from tests.stories.conftest import OpenStage

RELEASED_AFTER = 30 * 60
"""Seconds until the reminders of a sale in an hour go out."""


def a_night(open_stage: OpenStage, faults: str, *, fans: int = 12, seed: int = 1, **changed: object) -> Stage:
    stage = open_stage(faults=faults, seed=seed, **changed)
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(fans))
    stage.pass_time(minutes=65)
    return stage


def assert_accounted_for(stage: Stage, fans: int = 12) -> None:
    """Every row ended, nobody was told twice, nobody too late."""
    ledger = stage.ledger()
    assert (ledger["duplicates"], ledger["after_sale_start"]) == (0, 0), ledger
    rows = stage.every_row()
    assert len(rows) == fans
    assert all(row.is_ended for row in rows), stage.ends()
    assert all(row.attempts <= 3 for row in rows)
    taken = sum(row.state in {State.DELIVERED, State.SENT} or row.provider_id is not None for row in rows)
    assert ledger["accepted"] >= taken


def test_answers_of_503_are_looked_up_and_tried_again_once_it_is_sure(open_stage: OpenStage) -> None:
    """REQ-004, PERF-003: 503 says nothing about what happened, so nothing is repeated before the look-up."""
    # Given a provider that is out for five minutes when the reminders leave
    stage = a_night(open_stage, f"outage={RELEASED_AFTER}+300")

    # Then everybody was told, at the second attempt, once
    assert_accounted_for(stage)
    assert stage.ends() == {"DELIVERED": 12}
    assert {row.attempts for row in stage.every_row()} == {2}
    assert stage.ledger()["accepted"] == 12
    ago = stage.row(1).sent_at
    assert ago is not None
    assert (stage.row(1).send_at or ago) < ago


@pytest.mark.parametrize("fault", ["reset_after", "accept_then_close", "error_500_after", "malformed_2xx"])
def test_what_was_taken_without_an_answer_is_found_and_not_sent_again(open_stage: OpenStage, fault: str) -> None:
    stage = a_night(open_stage, f"{fault}=1,report_lost=1", fans=4)

    assert_accounted_for(stage, 4)
    assert stage.ends() == {"DELIVERED": 4}, "the look-up brings the final status as well"
    assert stage.ledger()["accepted"] == 4
    assert {row.attempts for row in stage.every_row()} == {1}


@pytest.mark.parametrize("fault", ["reset_before", "close_after_read", "error_500"])
def test_what_was_never_taken_is_tried_three_times_and_then_fails(open_stage: OpenStage, fault: str) -> None:
    """REQ-004: three attempts in all, then FAILED."""
    stage = a_night(open_stage, f"{fault}=1", fans=4)

    assert_accounted_for(stage, 4)
    assert stage.ends() == {"FAILED(attempts_exhausted)": 4}
    assert {row.attempts for row in stage.every_row()} == {3}
    assert stage.ledger()["accepted"] == 0


def test_a_provider_that_never_answers_is_not_waited_for(open_stage: OpenStage) -> None:
    """PERF-003: an attempt ends in time; whether it was taken is asked afterwards."""
    stage = a_night(open_stage, "timeout_after=0.5,timeout_before=0.5", fans=4)

    assert_accounted_for(stage, 4)
    assert stage.ends().keys() <= {"DELIVERED", "FAILED(attempts_exhausted)"}


def test_half_of_the_calls_fail_in_one_way_or_another(open_stage: OpenStage) -> None:
    faults = "reset_before=0.15,reset_after=0.15,error_503=0.1,error_500_after=0.1,malformed_2xx=0.1,report_lost=0.2"
    stage = a_night(open_stage, faults, fans=60, seed=7)
    stage.pass_time(minutes=60)

    assert_accounted_for(stage, 60)
    assert stage.ends()["DELIVERED"] + stage.ends()["SENT"] >= 50


def test_a_provider_that_is_out_until_the_opening_leaves_rows_unconfirmed(open_stage: OpenStage) -> None:
    """Nobody could say whether the texts were taken: the rows say so, and nothing is sent late."""
    stage = a_night(open_stage, f"outage={RELEASED_AFTER}+7200")
    stage.pass_time(minutes=10)

    assert_accounted_for(stage)
    assert stage.ends() == {"UNCONFIRMED(unknown_outcome)": 12}
    assert stage.ledger()["accepted"] == 0


def test_a_brand_may_allow_one_flagged_resend(open_stage: OpenStage) -> None:
    stage = open_stage(faults=f"outage={RELEASED_AFTER}+1200", brands={"ticketmaster": {"resend_unknown": True}})
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(3))

    stage.pass_time(minutes=65)

    assert stage.ends() == {"DELIVERED": 3}
    assert stage.ledger()["accepted"] == 3


def test_429_is_kept_waiting_for_and_does_not_count_as_taken(open_stage: OpenStage) -> None:
    """REQ-004: 429 is retried, with its Retry-After."""
    stage = a_night(open_stage, "too_many=0.5", fans=40, seed=3)

    assert_accounted_for(stage, 40)
    rows = stage.every_row()
    assert {row.state for row in rows} <= {State.DELIVERED, State.FAILED}
    waited = [row for row in rows if row.attempts > 1]
    assert waited
    assert all(row.provider_code == 20429 for row in waited)
    assert all(row.reason is Reason.ATTEMPTS_EXHAUSTED for row in rows if row.state is State.FAILED)
