"""Which stored sale an offer is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fanfare.model.ids import EventId, SaleId
from fanfare.model.offer import Offer
from fanfare.model.sale import Sale, SaleKind, SaleStatus, UnscheduledReason
from fanfare.rules import sale_identity

EVENT = EventId("G5dExAmPlE01")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def an_offer(name: str, starts_at: datetime | None, **changes: Any) -> Offer:  # noqa: ANN401 - fields of Offer
    return Offer(name=name, starts_at=starts_at, **changes)


def a_sale(slug: str, name: str, starts_at: datetime | None, **changes: Any) -> Sale:  # noqa: ANN401 - fields of Sale
    sale = Sale(
        sale_id=SaleId(f"{EVENT}:{slug}"),
        event_id=EVENT,
        kind=SaleKind.OTHER,
        name=name,
        status=SaleStatus.SCHEDULED if starts_at else SaleStatus.UNSCHEDULED,
        starts_at=starts_at,
    )
    return replace(sale, **changes)


def matched(offers: list[Offer], stored: list[Sale]) -> dict[str, Offer | None]:
    """Slug -> the offer that it is now."""
    pairs = sale_identity.pair(EVENT, offers, stored, NOW)
    return {pair.sale_id.removeprefix(f"{EVENT}:"): pair.offer for pair in pairs}


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["Artist Presale"], {"artist-presale"}),
        (["VIP", "VIP", "VIP 2"], {"vip", "vip-2", "vip-2-2"}),
        (["Public"], {"public-2"}),
        (["先行", "®"], {"presale", "presale-2"}),
        (["x" * 80], {"x" * 60}),
        (["Prévente Amex®"], {"prevente-amex"}),
    ],
)
def test_new_presales_are_named_for_what_they_are_called(names: list[str], slugs: set[str]) -> None:
    offers = [an_offer(name, NOW + place * DAY) for place, name in enumerate(names, 1)]

    assert set(matched(offers, [])) == slugs


def test_one_offer_listed_twice_is_two_sales() -> None:
    offer = an_offer("Artist Presale", NOW + DAY)

    assert matched([offer, offer], []) == {"artist-presale": offer, "artist-presale-2": offer}


def test_a_moved_start_keeps_the_id() -> None:
    moved = an_offer("ARTIST Preale®", NOW + 2 * DAY)

    assert matched([moved], [a_sale("artist-presale", "Artist Presale", NOW + DAY)]) == {"artist-presale": moved}


def test_of_two_sales_of_one_name_the_one_that_stayed_is_known_by_its_start() -> None:
    stored = [a_sale("vip", "VIP", NOW + DAY), a_sale("vip-2", "VIP", NOW + 2 * DAY)]
    stayed, moved = an_offer("VIP", NOW + 2 * DAY), an_offer("VIP", NOW + 3 * DAY)

    assert matched([stayed, moved], stored) == {"vip": moved, "vip-2": stayed}


def test_of_two_sales_that_moved_the_ends_tell_which_is_which() -> None:
    stored = [
        a_sale("vip", "VIP", NOW + DAY, ends_at=NOW + 9 * DAY),
        a_sale("vip-2", "VIP", NOW + 2 * DAY, ends_at=NOW + 8 * DAY),
    ]
    first = an_offer("VIP", NOW + 4 * DAY, ends_at=NOW + 9 * DAY)
    second = an_offer("VIP", NOW + 3 * DAY, ends_at=NOW + 8 * DAY)

    assert matched([second, first], stored) == {"vip": first, "vip-2": second}


def test_sales_of_one_name_that_all_moved_keep_their_order_in_time() -> None:
    stored = [a_sale("vip", "VIP", NOW + 2 * DAY), a_sale("vip-2", "VIP", NOW + DAY)]
    first, second = an_offer("VIP", NOW + 3 * DAY), an_offer("VIP", NOW + 4 * DAY)

    assert matched([second, first], stored) == {"vip": second, "vip-2": first}


def test_a_name_one_letter_off_is_the_same_sale() -> None:
    respelt = an_offer("Spotiffy Fans First Presale", NOW + 2 * DAY)

    assert matched([respelt], [a_sale("spotify", "Spotify Fans First Presale", NOW + DAY)]) == {"spotify": respelt}


@pytest.mark.parametrize(
    ("before", "now"),
    [("Artist Presale Night 1", "Artist Presale Night 2"), ("Citi", "City"), ("Venue Presale", "Artist Presale")],
)
def test_another_name_at_another_time_is_another_sale(before: str, now: str) -> None:
    found = matched([an_offer(now, NOW + 2 * DAY)], [a_sale("before", before, NOW + DAY)])

    assert found["before"] is None
    assert len(found) == 2


def test_a_new_name_for_the_only_sale_of_a_window_is_the_same_sale() -> None:
    renamed = an_offer("Fan Club Presale", NOW + DAY, ends_at=NOW + 2 * DAY)
    stored = a_sale("artist-presale", "Artist Presale", NOW + DAY, ends_at=NOW + 2 * DAY)

    assert matched([renamed], [stored]) == {"artist-presale": renamed}


def test_new_names_for_several_sales_of_a_window_are_not_guessed_at() -> None:
    renamed = [an_offer("Fan Club Presale", NOW + DAY), an_offer("Radio Presale", NOW + DAY)]

    assert matched(renamed, [a_sale("artist-presale", "Artist Presale", NOW + DAY)])["artist-presale"] is None


def test_two_sales_without_a_start_share_no_window() -> None:
    found = matched([an_offer("Fan Club Presale", None)], [a_sale("artist-presale", "Artist Presale", None)])

    assert found["artist-presale"] is None


def test_a_second_round_is_not_the_sale_that_opened() -> None:
    opened = a_sale("artist-presale", "Artist Presale", NOW - 3 * DAY, ends_at=NOW - 2 * DAY)
    again = an_offer("Artist Presale", NOW + DAY)

    assert matched([again], [opened]) == {"artist-presale": None, "artist-presale-2": again}


@pytest.mark.parametrize("ends_at", [None, NOW + DAY])
def test_a_sale_put_off_just_after_it_opened_is_the_same(ends_at: datetime | None) -> None:
    opened = a_sale("artist-presale", "Artist Presale", NOW - timedelta(minutes=10), ends_at=ends_at)
    put_off = an_offer("Artist Presale", NOW + timedelta(hours=2), ends_at=NOW + 2 * DAY)

    assert matched([put_off], [opened]) == {"artist-presale": put_off}


def test_a_sale_first_seen_open_is_known_again() -> None:
    seen = a_sale("artist-presale", "Artist Presale", None, unscheduled=UnscheduledReason.ALREADY_OPEN)
    offer = an_offer("Artist Presale", NOW - DAY)
    again = an_offer("Artist Presale", NOW + DAY)

    assert matched([offer, again], [seen]) == {"artist-presale": offer, "artist-presale-2": again}


def test_of_two_sales_first_seen_open_the_spelling_tells_which_is_which() -> None:
    stored = [
        a_sale("artist-presale", "Artist Presale", None, unscheduled=UnscheduledReason.ALREADY_OPEN),
        a_sale("artist-presale-2", "Artist Preale", None, unscheduled=UnscheduledReason.ALREADY_OPEN),
    ]
    right, slipped = an_offer("Artist Presale", NOW), an_offer("Artist Preale", NOW - DAY)

    assert matched([right, slipped], stored) == {"artist-presale": right, "artist-presale-2": slipped}


def test_a_living_sale_goes_before_a_cancelled_one_of_its_name() -> None:
    stored = [
        a_sale("vip", "VIP", NOW + DAY, status=SaleStatus.CANCELLED),
        a_sale("vip-2", "VIP", NOW + 2 * DAY),
    ]
    moved = an_offer("VIP", NOW + 3 * DAY)

    assert matched([moved], stored) == {"vip": None, "vip-2": moved}


@pytest.mark.parametrize(
    ("offer", "start"),
    [
        (an_offer("", NOW), NOW),
        (an_offer("", None), None),
        (an_offer("", datetime(1900, 1, 1, 6, tzinfo=UTC)), None),
        (an_offer("", NOW, is_tbd=True), None),
        (an_offer("", NOW, is_tba=True), None),
    ],
)
def test_only_a_decided_start_of_this_century_is_believed(offer: Offer, start: datetime | None) -> None:
    assert sale_identity.start_of(offer) == start
