"""A sender that carries few texts: release begins earlier, and what cannot fit is told before, with a number."""

from datetime import timedelta

import pytest

from tests.builders import AN_HOUR, a_listing, demands
from tests.stories.conftest import OpenStage

SLOW = {"senders": {"sms": {"rate_per_second": 0.5, "burst": 2}}}
MINUTE = timedelta(minutes=1)


def test_release_begins_early_enough_to_end_before_the_opening(open_stage: OpenStage) -> None:
    """REQ-001, FLOW-5: earlier where there are too many for the lead."""
    # Given a lead of six minutes, and nearly five minutes of texts
    stage = open_stage(policy={"lead_minutes": 6}, **SLOW)
    opens_at = stage.now + AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.opt_in(*demands(144))

    # When the sale is planned
    stage.pass_time(minutes=49)
    (plan,) = stage.world.plans.of_sale(stage.sale().sale_id)
    assert plan.release_at == opens_at - 5 * MINUTE - timedelta(seconds=288)
    assert (plan.not_reachable, stage.ledger()["accepted"]) == (0, 0)

    # Then the last text leaves about five minutes before the opening
    stage.live_until(opens_at)
    assert stage.ends() == {"DELIVERED": 144}
    last = max(row.sent_at for row in stage.every_row() if row.sent_at)
    assert opens_at - 6 * MINUTE <= last <= opens_at - 4 * MINUTE


def test_what_cannot_fit_is_told_at_planning_and_never_sent_late(
    open_stage: OpenStage, caplog: pytest.LogCaptureFixture
) -> None:
    """REQ-001: nothing goes out after the sale opened."""
    # Given a sale in three minutes, and nearly five minutes of texts
    stage = open_stage(**SLOW)
    stage.opt_in(*demands(144))
    opens_at = stage.now + 3 * MINUTE
    stage.hear_of(a_listing(opens_at=opens_at))

    # When it is planned, then the number of those who cannot be reached is told
    stage.pass_time(seconds=10)
    (plan,) = stage.world.plans.of_sale(stage.sale().sale_id)
    assert 50 <= plan.not_reachable <= 56
    assert [r for r in caplog.records if r.getMessage() == "sale_not_reachable"]

    # And they are not sent after the opening
    stage.live_until(opens_at + 5 * MINUTE)
    ends = stage.ends()
    assert ends["DELIVERED"] + ends["EXPIRED(sale_opened)"] == 144
    assert abs(ends["EXPIRED(sale_opened)"] - plan.not_reachable) <= 6
    assert stage.ledger()["after_sale_start"] == 0
