"""One event of the Discovery API v2 as we keep it, or why it is refused. Pure.

Recorded answers lack almost every field now and then, and new fields keep appearing: what is missing is None, what is
unknown is ignored. Refused is only what would make us wrong about a sale: an id, a name or a sale date that cannot be
read. Dates are not judged here; the 1900 that stands for *no known start* passes as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fanfare.model.event import Attraction, Event, EventStatus, Venue
from fanfare.model.ids import EventId
from fanfare.model.offer import Offer, SourceEvent

RESALE_ID = "Z7r9jZ"
RESALE_OUTLET = "tmMarketPlace"
EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HALF_PAIRS = re.compile("[\ud800-\udfff]")

PRESALES_MAX = 200
"""Recorded events have a few dozen at most; each is compared with every sale that is stored."""

STATUSES = {
    "onsale": EventStatus.ONSALE,
    "offsale": EventStatus.OFFSALE,
    "canceled": EventStatus.CANCELLED,
    "cancelled": EventStatus.CANCELLED,  # live answers; the documentation has one l
    "postponed": EventStatus.POSTPONED,
    "rescheduled": EventStatus.RESCHEDULED,
}

Json = Mapping[str, object]
NOTHING: Json = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an event is not taken."""

    place: str
    """Where in the document: ``events[3].sales.public.startDateTime``."""
    reason: str
    fix: str


class _RefusedError(Exception):
    def __init__(self, place: str, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(place=place, reason=reason, fix=fix)


def decode_event(obj: object, place: str = "event") -> SourceEvent | Refusal:
    """Return one event of the API in normal form."""
    try:
        return _event(obj, place)
    except _RefusedError as refused:
        return refused.refusal


def decode_document(obj: object) -> tuple[tuple[SourceEvent, ...], tuple[Refusal, ...]]:
    """Return the events of a file or an answer: one event, a page of a search, or a list of events."""
    if isinstance(obj, list):
        return _decode_all(cast("list[object]", obj), "events")
    document = _object(obj)
    events = _object(document.get("_embedded")).get("events")
    if isinstance(events, list):
        return _decode_all(cast("list[object]", events), "_embedded.events")
    if "page" in document and "_embedded" not in document:
        return (), ()  # a search without hits
    why = _why_no_event(document)
    return ((), (why,)) if why else _decode_all([document], None)


def _decode_all(objects: Sequence[object], place: str | None) -> tuple[tuple[SourceEvent, ...], tuple[Refusal, ...]]:
    decoded = [decode_event(obj, f"{place}[{nth}]" if place else "event") for nth, obj in enumerate(objects)]
    return (
        tuple(each for each in decoded if isinstance(each, SourceEvent)),
        tuple(each for each in decoded if isinstance(each, Refusal)),
    )


def _why_no_event(document: Json) -> Refusal | None:
    if "errors" in document or "fault" in document:
        return Refusal(place="document", reason="an error answer, not an event", fix="ask for the event again")
    if "id" not in document:
        fix = "give an event, a list of events, or a page of an event search"
        return Refusal(place="document", reason="holds no events", fix=fix)
    return None


def _event(obj: object, place: str) -> SourceEvent:
    if not isinstance(obj, dict):
        raise _RefusedError(place, "not a JSON object", "give the event as the source sent it")
    source = cast("Json", obj)
    dates, sales = _object(source.get("dates")), _sales(source, place)
    venue, venue_zone = _venue(source)
    start = _object(dates.get("start"))
    event = Event(
        event_id=_event_id(source, place),
        name=_name(source, place),
        url=_url(source),
        status=_status(dates),
        is_test=source.get("test") is True,
        is_resale=_is_resale(source),
        category_id=_category(source),
        timezone=_zone(_text(dates, "timezone")) or venue_zone,
        starts_at=_instant(start, "dateTime", f"{place}.dates.start"),
        local_date=_local_date(start),
        venue=venue,
        attractions=_attractions(source),
    )
    return SourceEvent(event=event, public=_public(sales, place), presales=_presales(sales, place))


def _event_id(source: Json, place: str) -> EventId:
    event_id = _text(source, "id")
    if event_id is None or not EVENT_ID.fullmatch(event_id):
        fix = "give the Discovery id: letters, digits, - and _, at most 64"
        raise _RefusedError(f"{place}.id", "missing or not an id", fix)
    return EventId(event_id)


def _name(source: Json, place: str) -> str:
    name = _text(source, "name")
    if name is None:
        raise _RefusedError(f"{place}.name", "missing or empty", "give the event's name")
    return name


def _status(dates: Json) -> EventStatus:
    code = _text(_object(dates.get("status")), "code") or ""
    return STATUSES.get(code.lower(), EventStatus.UNKNOWN)


def _is_resale(source: Json) -> bool:
    """Whether only the resale market place sells it; an event of our own may list that outlet beside others."""
    kinds = {_text(outlet, "type") for outlet in _objects(source.get("outlets"))}
    return str(source.get("id")).startswith(RESALE_ID) or kinds == {RESALE_OUTLET}


def _category(source: Json) -> str | None:
    listed = _objects(source.get("classifications"))
    primary = [each for each in listed if each.get("primary") is True] or listed
    return _text(_object(primary[0].get("segment")), "id") if primary else None


def _local_date(start: Json) -> str | None:
    """Return the day at the venue; one that is to be decided or announced is a placeholder."""
    is_open = start.get("dateTBD") is True or start.get("dateTBA") is True
    return None if is_open else _text(start, "localDate")


def _venue(source: Json) -> tuple[Venue | None, str | None]:
    """Return where it takes place, with the zone there. Some listings carry ``place`` instead of venues."""
    listed = _objects(_object(source.get("_embedded")).get("venues"))
    place = listed[0] if listed else _object(source.get("place"))
    if not place:
        return None, None
    city = _text(_object(place.get("city")), "name")
    zone = _zone(_text(place, "timezone"))
    venue = Venue(
        name=_text(place, "name") or city or "",
        venue_id=_text(place, "id"),
        city=city,
        state_code=_upper(_text(_object(place.get("state")), "stateCode")),
        country_code=_upper(_text(_object(place.get("country")), "countryCode")),
        timezone=zone,
    )
    return venue, zone


def _attractions(source: Json) -> tuple[Attraction, ...]:
    listed = _objects(_object(source.get("_embedded")).get("attractions"))
    named = [(_text(each, "id"), _text(each, "name")) for each in listed]
    return tuple(Attraction(attraction_id=key, name=name) for key, name in named if key and name)


def _sales(source: Json, place: str) -> Json:
    sales = source.get("sales")
    if sales is not None and not isinstance(sales, dict):
        raise _RefusedError(f"{place}.sales", "not an object", "give the sales as the source sent them")
    return cast("Json", sales or NOTHING)


def _public(sales: Json, place: str) -> Offer | None:
    public = sales.get("public")
    if public is None:
        return None
    if not isinstance(public, dict):
        raise _RefusedError(f"{place}.sales.public", "not an object", "give the sale as the source sent it")
    return _offer(cast("Json", public), "", f"{place}.sales.public")


def _presales(sales: Json, place: str) -> tuple[Offer, ...]:
    listed = sales.get("presales")
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise _RefusedError(f"{place}.sales.presales", "not a list", "give the presales as the source sent them")
    if len(cast("list[object]", listed)) > PRESALES_MAX:
        fix = f"give at most {PRESALES_MAX} presales of an event"
        raise _RefusedError(f"{place}.sales.presales", "too many", fix)
    return tuple(
        _presale(each, f"{place}.sales.presales[{nth}]") for nth, each in enumerate(cast("list[object]", listed))
    )


def _presale(obj: object, place: str) -> Offer:
    if not isinstance(obj, dict):
        raise _RefusedError(place, "not an object", "give the presale as the source sent it")
    presale = cast("Json", obj)
    return _offer(presale, _text(presale, "name") or "Presale", place)  # no name is the public sale's


def _offer(window: Json, name: str, place: str) -> Offer:
    return Offer(
        name=name,
        starts_at=_instant(window, "startDateTime", place),
        ends_at=_instant(window, "endDateTime", place),
        is_tbd=window.get("startTBD") is True,
        is_tba=window.get("startTBA") is True,
    )


def _instant(holder: Json, key: str, place: str) -> datetime | None:
    value = holder.get(key)
    if value is None or value == "":
        return None
    try:
        instant = datetime.fromisoformat(cast("str", value))
        if instant.tzinfo is None:
            raise _not_an_instant(f"{place}.{key}")
        return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise _not_an_instant(f"{place}.{key}") from None


def _not_an_instant(place: str) -> _RefusedError:
    return _RefusedError(place, "not an instant", "write it as 2026-05-08T14:00:00Z")


def _zone(name: str | None) -> str | None:
    """Return a zone name that this machine knows; a link name such as America/Montreal is one."""
    try:
        return ZoneInfo(name).key if name else None
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder of zones
        return None


def _text(holder: Json, key: str) -> str | None:
    """Return a text on one line, or None where there is none."""
    value = holder.get(key)
    # Half a surrogate pair is no text that a store or a partner can take.
    return " ".join(_HALF_PAIRS.sub("", value).split()) or None if isinstance(value, str) else None


def _url(holder: Json) -> str | None:
    """Return the ticket page, or None where the text leads to no host."""
    url = _text(holder, "url") or ""
    try:
        parts = urlsplit(url)
    except ValueError:  # half an IPv6 address
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def _upper(code: str | None) -> str | None:
    return code.upper() if code else None


def _object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else NOTHING


def _objects(value: object) -> list[Json]:
    return [_object(each) for each in cast("list[object]", value) if each] if isinstance(value, list) else []
