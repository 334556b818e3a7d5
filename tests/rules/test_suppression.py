"""Which sales get no reminders, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fanfare.model.event import Attraction, Event, Venue
from fanfare.model.ids import EventId, SaleId
from fanfare.model.sale import Sale, SaleKind, SaleStatus, SuppressionReason
from fanfare.rules import suppression
from fanfare.rules.policy import MUSIC_CATEGORY, UNDEFINED_CATEGORY, ReminderPolicy, Suppressions

POLICY = ReminderPolicy()
SPORTS = "KZFzniwnSyZfZ7v7nE"
OPENS = datetime(2026, 5, 8, 14, tzinfo=UTC)


def an_event(**changes: Any) -> Event:  # noqa: ANN401 - fields of Event
    facts: dict[str, Any] = {
        "event_id": EventId("G5dExAmPlE01"),
        "name": "Les Étoiles Filantes",
        "url": None,
        "category_id": MUSIC_CATEGORY,
        "venue": Venue(name="Salle Exemple", country_code="CA"),
        "attractions": (Attraction(attraction_id="K8vZExample", name="Les Étoiles Filantes"),),
    }
    return Event(**facts | changes)


def a_sale(**changes: Any) -> Sale:  # noqa: ANN401 - fields of Sale
    facts: dict[str, Any] = {
        "sale_id": SaleId("G5dExAmPlE01:artist-presale"),
        "event_id": EventId("G5dExAmPlE01"),
        "kind": SaleKind.ARTIST,
        "name": "Artist Presale",
        "status": SaleStatus.SCHEDULED,
        "starts_at": OPENS,
    }
    return Sale(**facts | changes)


def test_a_concert_in_canada_is_told() -> None:
    assert suppression.reason(an_event(), a_sale(), POLICY) is None


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (an_event(is_test=True), SuppressionReason.TEST_EVENT),
        (an_event(is_resale=True), SuppressionReason.RESALE),
        (an_event(venue=Venue(name="Foro", country_code="MX")), SuppressionReason.COUNTRY),
        (an_event(category_id=SPORTS), SuppressionReason.CATEGORY),
        (an_event(name="Choir Membership REGISTRATION"), SuppressionReason.KEYWORD),
        (an_event(venue=None), None),
        (an_event(venue=Venue(name="Somewhere")), None),
        (an_event(category_id=None), None),
        (an_event(category_id=UNDEFINED_CATEGORY), None),
    ],
)
def test_an_event_is_suppressed_only_for_what_is_known_of_it(event: Event, reason: SuppressionReason | None) -> None:
    """REQ-005."""
    assert suppression.reason(event, a_sale(), POLICY) is reason


@pytest.mark.parametrize("name", ["Registration", "Fan REGISTRATION®", "Pré-Registrtion", "Preregistration"])
def test_registration_sales_are_suppressed_however_they_are_spelt(name: str) -> None:
    """REQ-005."""
    assert suppression.reason(an_event(), a_sale(name=name), POLICY) is SuppressionReason.KEYWORD


@pytest.mark.parametrize("artist", ["K8vZExample", "Les Étoiles Filantes", "LES ETOILES FILANTES"])
def test_a_headliner_is_suppressed_by_id_or_by_name(artist: str) -> None:
    """REQ-005."""
    policy = ReminderPolicy(suppressed=Suppressions(artists=frozenset({artist})))

    assert suppression.reason(an_event(), a_sale(), policy) is SuppressionReason.ARTIST


def test_an_event_without_attractions_is_known_by_its_name() -> None:
    policy = ReminderPolicy(suppressed=Suppressions(artists=frozenset({"les etoiles filantes"})))

    assert suppression.reason(an_event(attractions=()), a_sale(), policy) is SuppressionReason.ARTIST


def test_a_festival_is_not_silenced_for_one_of_its_other_acts() -> None:
    policy = ReminderPolicy(suppressed=Suppressions(artists=frozenset({"Support Act"})))
    event = an_event(
        attractions=(Attraction(attraction_id="K1", name="Star"), Attraction(attraction_id="K2", name="Support Act"))
    )

    assert suppression.reason(event, a_sale(), policy) is None


def test_kinds_are_suppressed() -> None:
    policy = ReminderPolicy(suppressed=Suppressions(kinds=frozenset({SaleKind.VIP})))

    assert suppression.reason(an_event(), a_sale(kind=SaleKind.VIP), policy) is SuppressionReason.SALE_KIND
    assert suppression.reason(an_event(), a_sale(), policy) is None


def test_empty_lists_allow_everything() -> None:
    policy = ReminderPolicy(countries=(), category_ids=(), suppressed=Suppressions(keywords=("", "®")))
    event = an_event(venue=Venue(name="Foro", country_code="MX"), category_id=SPORTS, name="Registration")

    assert suppression.reason(event, a_sale(), policy) is None


@pytest.mark.parametrize(
    ("public_starts_at", "reason"),
    [
        (OPENS, SuppressionReason.NOT_BEFORE_PUBLIC),
        (OPENS.replace(hour=13), SuppressionReason.NOT_BEFORE_PUBLIC),
        (OPENS.replace(hour=15), None),
        (None, None),
    ],
)
def test_a_presale_that_does_not_open_before_the_public_sale_is_none(
    public_starts_at: datetime | None, reason: SuppressionReason | None
) -> None:
    assert suppression.reason(an_event(), a_sale(), POLICY, public_starts_at=public_starts_at) is reason


def test_the_public_sale_and_one_without_a_start_are_not_compared() -> None:
    public, unknown = a_sale(kind=SaleKind.PUBLIC), a_sale(starts_at=None)

    assert suppression.reason(an_event(), public, POLICY, public_starts_at=OPENS) is None
    assert suppression.reason(an_event(), unknown, POLICY, public_starts_at=OPENS) is None


def test_a_brand_is_asked_only_for_its_own_list() -> None:
    """REQ-005: per brand."""
    policy = ReminderPolicy(suppressed_by_brand={"livenation": Suppressions(kinds=frozenset({SaleKind.ARTIST}))})

    assert suppression.reason(an_event(), a_sale(), policy, "livenation") is SuppressionReason.SALE_KIND
    assert suppression.reason(an_event(), a_sale(), policy, "ticketmaster") is None
    assert suppression.reason(an_event(), a_sale(), policy) is None
    assert suppression.reason(an_event(is_test=True), a_sale(), policy, "ticketmaster") is None
