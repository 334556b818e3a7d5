"""Whom a sale's reminders go to, and why not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.model.channel import Channel
from fanfare.model.ids import SaleId
from fanfare.model.notification import Reason, State
from fanfare.model.sale import Sale, SaleKind, SaleStatus, SuppressionReason
from fanfare.rules import audiences
from fanfare.rules.audiences import Candidate, Verdict
from tests.builders import BRAND, EVENT, OTHER_BRAND, PUBLIC, a_sale, a_sender, an_event

DAY = (True, 5)
NIGHT = (False, 0)


def a_candidate(
    *,
    channel: Channel = Channel.SMS,
    has_sender: bool = True,
    brand_suppressed: bool = False,
    opted_out: bool = False,
    is_shared: bool = False,
    same_instant: bool = False,
) -> Candidate:
    return Candidate(
        channel=channel,
        has_sender=has_sender,
        brand_suppressed=brand_suppressed,
        opted_out=opted_out,
        is_shared=is_shared,
        same_instant=same_instant,
    )


def test_the_audience_asked_for_the_event_or_for_one_of_its_artists() -> None:
    assert audiences.targets(a_sale(), an_event()) == ("event:E1", "attraction:A1")
    assert audiences.targets(a_sale(), None) == ("event:E1",)


def test_a_brands_sender_is_the_first_that_lists_it_on_the_channel() -> None:
    text, mail = a_sender(), a_sender(Channel.EMAIL, brands=(BRAND, OTHER_BRAND))

    assert audiences.sender_of([text, mail], BRAND, Channel.EMAIL) == mail
    assert audiences.sender_of([text, mail], BRAND, Channel.SMS) == text
    assert audiences.sender_of([text, mail], OTHER_BRAND, Channel.SMS) is None


def test_of_sales_at_one_instant_the_highest_rank_is_named() -> None:
    """REQ-007."""
    public, artist, vip = (a_sale(kind=kind) for kind in (SaleKind.PUBLIC, SaleKind.ARTIST, SaleKind.VIP))
    siblings = [vip, public, artist]

    assert audiences.outranking(vip, siblings) == public
    assert audiences.outranking(artist, siblings) == public
    assert audiences.outranking(public, siblings) is None


def test_of_two_of_one_kind_the_first_by_id_is_named() -> None:
    first, second = (a_sale(kind=SaleKind.VIP, sale_id=SaleId(f"E1:{name}")) for name in ("a", "b"))

    assert audiences.outranking(second, [second, first]) == first
    assert audiences.outranking(first, [second, first]) is None


def test_a_sale_that_nobody_is_told_of_outranks_nobody() -> None:
    vip = a_sale(kind=SaleKind.VIP)
    public = a_sale()

    assert audiences.outranking(vip, [vip, public.cancelled()]) is None
    assert audiences.outranking(vip, [vip, replace(public, suppressed=SuppressionReason.KEYWORD)]) is None
    assert audiences.outranking(vip, [vip, a_sale(opens_in=timedelta(hours=2))]) is None


@pytest.mark.parametrize(
    ("demanded", "is_asked"), [(None, True), (PUBLIC, True), (SaleId("E1:vip"), True), (SaleId("E1:other"), False)]
)
def test_a_demand_for_another_sale_does_not_reach_this_one(demanded: SaleId | None, *, is_asked: bool) -> None:
    vip = a_sale(kind=SaleKind.VIP, sale_id=SaleId("E1:vip"))

    assert audiences.is_asked(vip, a_sale(), demanded) is is_asked
    assert audiences.is_asked(a_sale(), None, SaleId("E1:vip")) is False


def test_nothing_against_it_is_a_row_that_waits() -> None:
    assert audiences.judge(a_candidate(), lambda: DAY) == Verdict(State.CREATED, None, 5)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (a_candidate(same_instant=True, opted_out=True), Reason.SAME_INSTANT),
        (a_candidate(brand_suppressed=True), Reason.SALE_SUPPRESSED),
        (a_candidate(opted_out=True, is_shared=True), Reason.OPTED_OUT),
        (a_candidate(is_shared=True), Reason.SHARED_ADDRESS),
        (a_candidate(has_sender=False), Reason.NO_SENDER),
    ],
)
def test_what_stands_against_it_is_said_in_the_row(candidate: Candidate, reason: Reason) -> None:
    """REQ-001, REQ-005."""
    assert audiences.judge(candidate, lambda: pytest.fail("nobody needs to know")) == Verdict(State.SUPPRESSED, reason)


def test_night_closes_the_text_and_may_open_the_mail() -> None:
    assert audiences.judge(a_candidate(), lambda: NIGHT) == Verdict(
        State.SUPPRESSED, Reason.QUIET_HOURS, None, add_email=True
    )


@pytest.mark.parametrize(
    ("sale", "end"),
    [
        (a_sale().cancelled(), (State.CANCELLED, Reason.SALE_CANCELLED)),
        (a_sale(status=SaleStatus.UNSCHEDULED), (State.CANCELLED, Reason.SALE_UNSCHEDULED)),
        (a_sale(suppressed=SuppressionReason.BY_OPERATOR), (State.SUPPRESSED, Reason.SALE_SUPPRESSED)),
    ],
)
def test_a_sale_that_is_not_told_ends_its_rows_with_the_reason(sale: Sale, end: tuple[State, Reason]) -> None:
    assert sale.event_id == EVENT
    assert audiences.end_of(sale) == end
