"""Things to tell a story with. Each has defaults that say nothing; a test names only what matters to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fanfare.model.channel import Brand, Channel, Locale, Sender
from fanfare.model.demand import Consent, ConsentSource, DemandRequest
from fanfare.model.event import Attraction, Event, EventStatus, Venue
from fanfare.model.ids import EventId, FanId, SaleId, SenderName
from fanfare.model.offer import Offer, SourceEvent
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.rules.policy import MUSIC_CATEGORY

NOW = datetime(2026, 5, 8, 15, 30, tzinfo=UTC)
"""A Friday: half past eleven in Toronto, half past eight in Los Angeles, half past five in Honolulu."""
EVENT = EventId("E1")
PUBLIC = SaleId("E1:public")
BRAND = "ticketmaster"
OTHER_BRAND = "livenation"
AT_ONCE = timedelta(0)
AN_HOUR = timedelta(hours=1)


def a_fan(number: int = 1) -> FanId:
    return FanId(f"fan-{number}")


def a_phone(number: int = 1) -> str:
    """A number in Toronto."""
    return f"+1416555{1000 + number}"


def a_mailbox(number: int = 1) -> str:
    return f"fan{number}@example.test"


def a_demand(
    number: int = 1,
    *,
    channel: Channel = Channel.SMS,
    address: str | None = None,
    event_id: EventId | None = EVENT,
    attraction_id: str | None = None,
    sale_id: SaleId | None = None,
    brand: str = BRAND,
    locale: Locale | None = None,
    zone: str | None = "America/Toronto",
    region: str | None = "CA-ON",
    at: datetime = NOW - timedelta(days=30),
    intake: ConsentSource = ConsentSource.IMPORT,
) -> DemandRequest:
    return DemandRequest(
        fan_id=a_fan(number),
        event_id=event_id,
        attraction_id=attraction_id,
        sale_id=sale_id,
        channel=channel,
        address=address or (a_phone(number) if channel is Channel.SMS else a_mailbox(number)),
        locale=locale,
        brand=brand,
        zone=zone,
        region=region,
        consent=Consent(at=at, text_id="sms-2025-en", source="partner shop", intake=intake),
    )


def a_mail_demand(
    number: int = 1, *, address: str | None = None, event_id: EventId | None = EVENT, at: datetime | None = None
) -> DemandRequest:
    return a_demand(
        number, channel=Channel.EMAIL, address=address, event_id=event_id, at=at or NOW - timedelta(days=30)
    )


def in_hawaii(request: DemandRequest) -> DemandRequest:
    """The same of a fan who lives where the night is longest."""
    return replace(request, zone="Pacific/Honolulu", region="US-HI")


def demands(count: int, *, first: int = 1) -> tuple[DemandRequest, ...]:
    return tuple(a_demand(number) for number in range(first, first + count))


def an_event(
    event_id: EventId = EVENT,
    *,
    short_url: str | None = None,
    version: int = 1,
    **changes: Any,  # noqa: ANN401 - fields of Event
) -> Event:
    fields: dict[str, Any] = {
        "name": "Zoë and the Rest",
        "url": f"https://www.ticketmaster.example/event/{event_id}",
        "category_id": MUSIC_CATEGORY,
        "status": EventStatus.OFFSALE,
        "timezone": "America/Toronto",
        "venue": Venue(
            name="Massey Hall", city="Toronto", state_code="ON", country_code="CA", timezone="America/Toronto"
        ),
        "attractions": (Attraction(attraction_id="A1", name="Zoë"),),
    }
    return Event(event_id=event_id, short_url=short_url, version=version, **{**fields, **changes})


def a_sale(
    *,
    opens_in: timedelta = AN_HOUR,
    now: datetime = NOW,
    kind: SaleKind = SaleKind.PUBLIC,
    **changes: Any,  # noqa: ANN401 - fields of Sale
) -> Sale:
    starts_at = now + opens_in
    fields: dict[str, Any] = {
        "sale_id": PUBLIC if kind is SaleKind.PUBLIC else SaleId(f"{EVENT}:{kind.value}"),
        "event_id": EVENT,
        "name": "" if kind is SaleKind.PUBLIC else f"{kind.value} presale",
        "status": SaleStatus.SCHEDULED,
        "starts_at": starts_at,
        "send_at": starts_at - timedelta(minutes=30),
        "version": 1,
    }
    return Sale(kind=kind, **{**fields, **changes})


def a_source_event(event: Event | None = None, *, opens_at: datetime | None = NOW + AN_HOUR) -> SourceEvent:
    return SourceEvent(event=event or an_event(version=0), public=Offer(name="", starts_at=opens_at))


def a_sender(
    channel: Channel = Channel.SMS, *, rate: float = 100, burst: int = 200, brands: Iterable[str] = (BRAND,)
) -> Sender:
    address = "+15005550006" if channel is Channel.SMS else "alerts@fanfare.example"
    return Sender(
        name=SenderName(channel.value),
        channel=channel,
        brands=tuple(brands),
        address=address,
        rate_per_second=rate,
        burst=burst,
    )


def a_brand(key: str = BRAND, **changes: Any) -> Brand:  # noqa: ANN401 - fields of Brand
    return Brand(key=key, name="Ticketmaster", contact_url="https://tm.example/c", **changes)


def a_listing(
    *,
    opens_at: datetime | None,
    presales: Iterable[tuple[str, datetime]] = (),
    event_id: EventId = EVENT,
    status: str = "offsale",
    quebec: bool = False,
    **changes: Any,  # noqa: ANN401 - parts of an answer
) -> dict[str, Any]:
    """An event as the Discovery API shows it."""
    sales: dict[str, Any] = {"public": _window(opens_at)}
    sales["presales"] = [{"name": name, **_window(at)} for name, at in presales]
    city, state = ("Québec", "QC") if quebec else ("Toronto", "ON")
    venue = {
        "name": "Massey Hall",
        "timezone": "America/Toronto",
        "city": {"name": city},
        "state": {"stateCode": state},
        "country": {"countryCode": "CA"},
    }
    listing: dict[str, Any] = {
        "id": event_id,
        "name": "Zoë and the Rest",
        "url": f"https://www.ticketmaster.example/event/{event_id}",
        "test": False,
        "sales": sales,
        "dates": {"timezone": "America/Toronto", "status": {"code": status}, "start": {"localDate": "2026-09-01"}},
        "classifications": [{"primary": True, "segment": {"id": MUSIC_CATEGORY, "name": "Music"}}],
        "_embedded": {"venues": [venue], "attractions": [{"id": "A1", "name": "Zoë"}]},
    }
    return {**listing, **changes}


def _window(at: datetime | None) -> dict[str, Any]:
    if at is None:
        return {"startTBD": False, "startTBA": True}
    ends_at = at + timedelta(days=30)
    return {"startDateTime": _iso(at), "endDateTime": _iso(ends_at), "startTBD": False, "startTBA": False}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
