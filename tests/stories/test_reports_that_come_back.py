"""Delivery reports: early, late, doubled, lost, negative. The row ends the same."""

import pytest

from fanfare.model.notification import Reason, State
from tests.builders import AN_HOUR, a_listing, a_mail_demand, demands
from tests.stage import Stage
from tests.stories.conftest import OpenStage


def a_night(open_stage: OpenStage, faults: str, fans: int = 4, **options: object) -> Stage:
    stage = open_stage(faults=faults, **options)
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(fans))
    stage.pass_time(minutes=60)
    return stage


@pytest.mark.parametrize("fault", ["congested", "rate_exceeded", "queue_overflow"])
def test_a_listed_failed_report_opens_the_row_again(open_stage: OpenStage, fault: str) -> None:
    """FLOW-7, REQ-004: 30017, 30022 and 30001 say *not delivered, try later*; three times in all."""
    stage = a_night(open_stage, f"{fault}=1")

    assert stage.ends() == {"FAILED(attempts_exhausted)": 4}
    assert {row.attempts for row in stage.every_row()} == {3}
    assert stage.ledger()["accepted"] == 12
    assert stage.ledger()["duplicates"] == 0, "each was taken again only after a report that it never arrived"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unreachable", Reason.UNREACHABLE),
        ("unknown_error", Reason.REPORTED_FAILED),
        ("filtered", Reason.FILTERED),
        ("landline", Reason.INVALID_NUMBER),
    ],
)
def test_any_other_failed_report_is_final(open_stage: OpenStage, fault: str, reason: Reason) -> None:
    """FLOW-7, REQ-004."""
    stage = a_night(open_stage, f"{fault}=1")

    assert stage.ends() == {f"FAILED({reason})": 4}
    assert stage.ledger()["accepted"] == 4


@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("fault", ["report_early", "report_doubled", "report_reordered", "report_late"])
def test_disorder_changes_nothing(open_stage: OpenStage, fault: str, echo: bool) -> None:  # noqa: FBT001
    """FLOW-7: early, doubled, late, in any order, with or without our own name in them."""
    stage = a_night(open_stage, f"{fault}=1", lab={"echo": echo})
    stage.pass_time(minutes=30)

    assert stage.ends() == {"DELIVERED": 4}
    assert stage.world.inbox.parked(10) == ()


def test_a_lost_report_lets_the_row_rest_as_sent(open_stage: OpenStage) -> None:
    stage = a_night(open_stage, "report_lost=1")
    assert stage.ends() == {"SENT": 4}

    stage.pass_time(minutes=60)

    assert stage.ends() == {"SENT(no_report)": 4}
    assert all(row.is_ended for row in stage.every_row())


def test_a_bounced_mail_fails_its_row(open_stage: OpenStage) -> None:
    stage = open_stage(faults="mail_bounce=1")
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_mail_demand(1))

    stage.pass_time(minutes=60)

    (row,) = stage.rows(1)
    assert (row.state, row.reason) == (State.FAILED, Reason.INVALID_ADDRESS)
