"""A brand, a concert and its sale, to be told of in the tests of the words."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from fanfare.model.channel import Brand
from fanfare.model.event import Attraction, Event, Venue
from fanfare.model.ids import EventId, SaleId
from fanfare.model.sale import Sale, SaleKind, SaleStatus

LINK = "https://bit.ly/3ExAmPl"
CONTACT_LINK = "https://tm.example/c"

BRAND = Brand(
    key="ticketmaster",
    name="Ticketmaster",
    contact_url="https://www.ticketmaster.example/contact",
    postal_address="1 rue Exemple\nOttawa ON K1S 3W7",
)

ANY_CHARACTER = st.characters(exclude_categories=())
"""Lone surrogates and controls too: names come from outside."""

NAMES = st.one_of(
    st.text(ANY_CHARACTER, max_size=60),
    st.text("aéêœ \u202f{}[]|€.…—\u2019“”®™", max_size=120),
    st.sampled_from(
        [
            "",
            "\0",
            "🔥" * 50,
            "👩‍👩‍👧‍👦 live",
            "שלום עולם",
            "فيروز",
            "\u202eevil\u202c",
            "e\u0301" * 80,
            "Z" + "\u0300" * 500,
            "BTS (방탄소년단)",
            "A" * 5000,
            "{brand}{link}",
            "[[]]",
            "http://evil.com/x",
            "evil.🔥com",
            "a\r\nBcc: x@y.example",
        ]
    ),
)


def an_event(artist: str = "Les Etoiles", venue: str = "Salle Exemple", zone: str | None = "America/Toronto") -> Event:
    place = Venue(name=venue, city="Ottawa", state_code="ON", country_code="CA", timezone=zone)
    headliner = Attraction(attraction_id="K1", name=artist)
    return Event(
        event_id=EventId("G1"),
        name=artist,
        url=None,
        timezone=zone,
        local_date="2026-08-01",
        venue=place,
        attractions=(headliner,),
    )


def a_sale(kind: SaleKind = SaleKind.PUBLIC, name: str = "", starts_at: datetime | None = None) -> Sale:
    return Sale(
        sale_id=SaleId("G1:sale"),
        event_id=EventId("G1"),
        kind=kind,
        name=name,
        status=SaleStatus.SCHEDULED,
        starts_at=starts_at or datetime(2026, 5, 8, 14, tzinfo=UTC),
    )


def an_event_in(country: str | None, state: str | None = None) -> Event:
    return replace(an_event(), venue=Venue(name="Hall", country_code=country, state_code=state))
