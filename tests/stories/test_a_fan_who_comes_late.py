"""A fan opts in when the sale's reminders are written or gone already."""

from datetime import timedelta

from fanfare.model.channel import Channel
from fanfare.model.notification import State
from tests.builders import AN_HOUR, a_demand, a_listing, a_mail_demand
from tests.stage import Stage

SOON = timedelta(minutes=2)


def test_after_the_reminders_left_is_reminded_within_two_minutes(stage: Stage) -> None:
    """FLOW-5, PERF-002."""
    # Given a sale whose reminders are out
    opens_at = stage.now + AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=40)
    assert stage.row(1).state is State.DELIVERED

    # When fans opt in, one by text, one by mail, one for the artist
    opted_in_at = stage.now
    stage.opt_in(a_demand(2), a_mail_demand(3), a_demand(4, event_id=None, attraction_id="A1"))
    stage.pass_time(minutes=2)

    # Then each has a reminder, marked as late
    rows = [stage.row(2), stage.row(3, channel=Channel.EMAIL), stage.row(4)]
    assert all(row.sent_at and row.sent_at <= opted_in_at + SOON for row in rows)
    assert all(row.late for row in rows)
    assert not stage.row(1).late
    assert stage.world.notifications.totals(stage.sale().sale_id).late == 3


def test_before_the_lead_waits_for_it_like_everybody(stage: Stage) -> None:
    """FLOW-5: the later of opt-in and send_at."""
    opens_at = stage.now + AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.pass_time(minutes=10)
    assert stage.sale().frozen_at is not None

    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=10)
    assert stage.row(1).state is State.CREATED
    stage.pass_time(minutes=11)

    assert stage.row(1).sent_at == opens_at - timedelta(minutes=30)


def test_in_the_last_seconds_gets_nothing_that_would_come_too_late(stage: Stage) -> None:
    opens_at = stage.now + AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.live_until(opens_at - timedelta(seconds=3))

    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=1)

    assert stage.row(1).state is State.EXPIRED
    assert stage.ledger()["accepted"] == 0


def test_a_sale_announced_minutes_before_it_opens_is_told_at_once(stage: Stage) -> None:
    """FLOW-3: a sale that appears behind the watermark is generated at once."""
    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=5)

    stage.hear_of(a_listing(opens_at=stage.now + timedelta(minutes=4)))
    stage.pass_time(minutes=1)

    assert stage.row(1).state is State.DELIVERED
