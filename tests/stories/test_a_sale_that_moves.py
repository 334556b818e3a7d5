"""A sale that opens later, earlier, or not at all, with its rows in every state."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fanfare.model.notification import MessageKind, Reason, State
from tests.builders import AN_HOUR, OTHER_BRAND, a_demand, a_listing
from tests.stage import Stage
from tests.stories.conftest import OpenStage

CORRECTED = {"brands": {"ticketmaster": {"sale_changed": True}}}


def a_stage_with(open_stage: OpenStage, fans: int = 3, **options: Any) -> tuple[Stage, datetime]:  # noqa: ANN401
    stage = open_stage(**options)
    opens_at = stage.now + 2 * AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.opt_in(*[a_demand(number) for number in range(1, fans + 1)])
    return stage, opens_at


def test_later_and_nobody_was_told_the_old_time(open_stage: OpenStage) -> None:
    """FLOW-10: the source wins, and what waits is planned again."""
    # Given rows that wait for a sale at half past five
    stage, opens_at = a_stage_with(open_stage)
    stage.pass_time(minutes=60)
    assert stage.ends() == {"CREATED": 3}

    # When the source moves it by an hour, and Fanfare notices by itself
    stage.announce(a_listing(opens_at=opens_at + AN_HOUR))
    stage.pass_time(minutes=31)

    # Then nothing was sent at the old lead
    assert stage.ledger()["accepted"] == 0
    assert {row.reason for row in stage.every_row()} == {Reason.REPLANNED}

    # And each fan has one text with the new time
    stage.pass_time(minutes=91)
    assert stage.ends() == {"DELIVERED": 3}
    assert "2:30 p.m. EDT" in stage.texts(1)[0]
    assert stage.row(1).sent_at == opens_at + timedelta(minutes=30)


def test_earlier_into_the_lead_goes_out_at_once(open_stage: OpenStage) -> None:
    """FLOW-10: a move to earlier starts generation at once."""
    stage, opens_at = a_stage_with(open_stage)
    stage.pass_time(minutes=60)

    # When the sale moves to twenty minutes from now, so that its lead has begun already
    stage.hear_of(a_listing(opens_at=stage.now + timedelta(minutes=20)))
    stage.pass_time(minutes=1)

    assert stage.ends() == {"DELIVERED": 3}
    assert "12:50 p.m. EDT" in stage.texts(1)[0]
    stage.live_until(opens_at)
    assert stage.ledger()["accepted"] == 3


def test_earlier_than_now_ends_what_waits(open_stage: OpenStage) -> None:
    stage, opens_at = a_stage_with(open_stage)
    stage.pass_time(minutes=60)

    stage.hear_of(a_listing(opens_at=stage.now - timedelta(minutes=1)))
    stage.pass_time(minutes=1)

    assert stage.ends() == {"EXPIRED(sale_opened)": 3}
    stage.live_until(opens_at)
    assert stage.ledger()["accepted"] == 0


def test_cancelled_before_anything_left(open_stage: OpenStage) -> None:
    stage, opens_at = a_stage_with(open_stage)
    stage.pass_time(minutes=60)

    stage.announce(a_listing(opens_at=opens_at, status="cancelled"))
    stage.pass_time(minutes=60)

    assert stage.ends() == {"CANCELLED(sale_cancelled)": 3}
    assert stage.ledger()["accepted"] == 0


def test_a_sale_that_loses_its_date_is_not_reminded(open_stage: OpenStage) -> None:
    stage, _ = a_stage_with(open_stage)
    stage.pass_time(minutes=60)

    stage.hear_of(a_listing(opens_at=None))
    stage.pass_time(minutes=60)

    assert stage.ends() == {"CANCELLED(sale_unscheduled)": 3}


def test_cancelled_with_a_row_in_each_state(open_stage: OpenStage) -> None:
    # Given one text a second, so that rows are delivered, sent, released and waiting at one instant
    stage, opens_at = a_stage_with(open_stage, 130, senders={"sms": {"rate_per_second": 1, "burst": 1}})
    stage.live_until(opens_at - timedelta(minutes=29, seconds=30))
    before = stage.ends()
    assert {"CREATED", "TRIGGERED", "SENT", "DELIVERED"} <= before.keys()
    sent = stage.ledger()["accepted"]

    # When the event is cancelled
    stage.hear_of(a_listing(opens_at=opens_at, status="cancelled"))
    stage.pass_time(minutes=5)

    # Then nothing more leaves; what had left has its report
    assert stage.ends() == {"CANCELLED(sale_cancelled)": 130 - sent, "DELIVERED": sent}
    assert stage.ledger()["accepted"] == sent


@pytest.mark.parametrize(
    ("told", "words"), [(timedelta(hours=1), "New time: Zoe on sale Fri, May 8 at 2:30 p.m. EDT"), (None, "called off")]
)
def test_fans_who_were_told_get_one_correction_where_the_brand_wants_it(
    open_stage: OpenStage, told: timedelta | None, words: str
) -> None:
    # Given two fans who were told, one of a brand that corrects
    stage, opens_at = a_stage_with(open_stage, 1, **CORRECTED)
    stage.opt_in(a_demand(2, brand=OTHER_BRAND))
    stage.live_until(opens_at - timedelta(minutes=20))
    assert stage.ends() == {"DELIVERED": 2}

    # When the sale moves or is cancelled, and moves once more
    status = "offsale" if told else "cancelled"
    stage.hear_of(a_listing(opens_at=opens_at + (told or timedelta()), status=status))
    stage.pass_time(minutes=2)
    stage.hear_of(a_listing(opens_at=opens_at + 2 * AN_HOUR))
    stage.live_until(opens_at + timedelta(minutes=119))

    # Then the one fan has the correction, once, and the other nothing more
    texts = stage.texts(1)
    assert len(texts) == 2
    assert words in texts[1]
    assert stage.row(1, kind=MessageKind.SALE_CHANGED).state is State.DELIVERED
    assert len(stage.texts(2)) == 1


def test_a_correction_that_waits_when_the_sale_moves_again_says_the_last_word(open_stage: OpenStage) -> None:
    # Given a fan who was told, and sending stopped
    stage, opens_at = a_stage_with(open_stage, 1, **CORRECTED)
    stage.live_until(opens_at - timedelta(minutes=20))
    stage.world.switches.pause("a drill")

    # When the sale moves twice before sending goes on
    stage.hear_of(a_listing(opens_at=opens_at + AN_HOUR))
    stage.pass_time(minutes=1)
    stage.hear_of(a_listing(opens_at=opens_at + 2 * AN_HOUR))
    stage.pass_time(minutes=1)
    stage.world.switches.resume()
    stage.pass_time(minutes=2)

    # Then the one correction names the last instant
    assert "3:30 p.m. EDT" in stage.texts(1)[1]
    assert stage.row(1, kind=MessageKind.SALE_CHANGED).state is State.DELIVERED


def test_a_correction_that_nobody_could_send_in_time_ends(open_stage: OpenStage) -> None:
    stage, opens_at = a_stage_with(open_stage, 1, **CORRECTED)
    stage.live_until(opens_at - timedelta(minutes=20))
    stage.world.switches.pause("a drill")
    stage.hear_of(a_listing(opens_at=opens_at + AN_HOUR))
    stage.live_until(opens_at + 2 * AN_HOUR)

    stage.world.switches.resume()
    stage.pass_time(minutes=1)

    assert stage.row(1, kind=MessageKind.SALE_CHANGED).state is State.EXPIRED
    assert len(stage.texts(1)) == 1
    assert not stage.live_states()
