"""The last decision before an attempt: whether the row may still go out, now."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale, SaleStatus, SuppressionReason
from fanfare.rules import dispatch
from fanfare.rules.dispatch import Facts, Hold
from fanfare.rules.quiet_hours import QuietPolicy
from tests.builders import AN_HOUR, NOW, PUBLIC, a_sale

OPENS_AT = NOW + AN_HOUR
FACTS = Facts(
    kind=MessageKind.REMINDER,
    channel="sms",
    brand="ticketmaster",
    locale="en-us",
    sale_id=PUBLIC,
    revision=1,
    cut_off_ms=to_ms(OPENS_AT),
    zone="America/Toronto",
    region="CA-ON",
    phone_zones="",
)


def decide(facts: Facts = FACTS, sale: Sale | None = None, now: datetime = NOW) -> Hold | None:
    return dispatch.decide(facts, sale or a_sale(), now, QuietPolicy())


def test_a_reminder_of_a_sale_ahead_goes() -> None:
    assert decide() is None


@pytest.mark.parametrize("left_seconds", [5, 1, 0, -60])
def test_a_call_that_could_begin_too_late_is_not_made(left_seconds: int) -> None:
    """REQ-001: nothing goes out after the sale opened."""
    assert decide(now=OPENS_AT - timedelta(seconds=left_seconds)) == Hold(State.EXPIRED, Reason.SALE_OPENED)


def test_a_sale_that_opened_earlier_than_the_row_knows_is_too_late_too() -> None:
    moved = a_sale().moved(starts_at=NOW, send_at=NOW)

    assert decide(sale=moved) == Hold(State.EXPIRED, Reason.SALE_OPENED)


@pytest.mark.parametrize(
    ("sale", "hold"),
    [
        (a_sale().cancelled(), Hold(State.CANCELLED, Reason.SALE_CANCELLED)),
        (a_sale(status=SaleStatus.UNSCHEDULED), Hold(State.CANCELLED, Reason.SALE_UNSCHEDULED)),
        (a_sale(suppressed=SuppressionReason.BY_OPERATOR), Hold(State.SUPPRESSED, Reason.SALE_SUPPRESSED)),
    ],
)
def test_a_sale_that_is_not_told_any_more_ends_the_row(sale: Sale, hold: Hold) -> None:
    assert decide(sale=sale) == hold


@pytest.mark.parametrize("kind", [MessageKind.REMINDER, MessageKind.SALE_CHANGED])
def test_a_row_of_an_older_revision_goes_back_to_be_planned(kind: MessageKind) -> None:
    moved = a_sale().moved(starts_at=OPENS_AT + AN_HOUR, send_at=OPENS_AT)

    assert decide(FACTS._replace(kind=kind), moved) == Hold(State.CREATED, Reason.REPLANNED, to_ms(NOW))


def test_a_correction_is_sent_of_a_cancelled_sale() -> None:
    gone = a_sale().cancelled()

    assert decide(FACTS._replace(kind=MessageKind.SALE_CHANGED, revision=gone.revision), gone) is None


def test_nobody_is_texted_at_night() -> None:
    hawaii = FACTS._replace(zone="Pacific/Honolulu", region="US-HI")

    assert decide(hawaii) == Hold(State.SUPPRESSED, Reason.QUIET_HOURS)
    assert decide(hawaii._replace(channel="email")) is None
    help_ = hawaii._replace(kind=MessageKind.HELP, sale_id=None, revision=None)
    assert dispatch.decide(help_, None, NOW, QuietPolicy()) is None


def test_a_row_that_has_time_waits_for_the_morning() -> None:
    eight_in_hawaii = datetime(2026, 5, 8, 18, tzinfo=NOW.tzinfo)
    facts = FACTS._replace(zone="Pacific/Honolulu", region="US-HI", cut_off_ms=to_ms(eight_in_hawaii + AN_HOUR))
    sale = replace(a_sale(), starts_at=eight_in_hawaii + AN_HOUR)

    assert decide(facts, sale) == Hold(State.CREATED, Reason.MORNING, to_ms(eight_in_hawaii))


@pytest.mark.parametrize(
    ("region", "zones", "zone", "is_in_canada"),
    [
        ("CA-QC", "", None, True),
        ("US-NY", "America/Toronto", "America/Toronto", False),
        (None, "America/New_York,America/Toronto", None, True),
        (None, "America/New_York", "America/Halifax", True),
        (None, "", None, False),
    ],
)
def test_a_text_to_canada_is_known_by_the_region_else_by_any_zone(
    region: str | None, zones: str, zone: str | None, *, is_in_canada: bool
) -> None:
    assert dispatch.is_in_canada(region, zones, zone) is is_in_canada


def test_a_text_is_of_use_until_its_cut_off() -> None:
    assert dispatch.valid_seconds(to_ms(OPENS_AT), NOW) == 3600
    assert dispatch.valid_seconds(to_ms(NOW), NOW) == 1
    assert dispatch.valid_seconds(to_ms(NOW + timedelta(days=2)), NOW) == dispatch.VALID_SECONDS_MAX
    assert dispatch.valid_seconds(None, NOW) == dispatch.VALID_SECONDS_MAX
