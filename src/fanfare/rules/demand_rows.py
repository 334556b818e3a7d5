"""One row of an opt-in file or form: checked and normalised, or refused with what to do about it.

A refusal never repeats what a field held. Columns slip, and an address may stand in any of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Consent, ConsentSource, DemandRequest
from fanfare.model.ids import EventId, FanId, SaleId
from fanfare.rules import emails, phones

FIELDS = (
    "fan_id",
    "event_id",
    "attraction_id",
    "channel",
    "address",
    "locale",
    "brand",
    "zone",
    "region",
    "consent_at",
    "consent_text_id",
    "consent_source",
    "sale_id",
)
"""The header of an opt-in file, in its usual order."""

CLOCK_SKEW_MAX = timedelta(minutes=5)
"""A consent may seem to lie this far ahead: clocks differ."""

CONSENT_YEAR_MIN = 2000
"""Older ones are zero dates of some database, not consents to texts."""

SOURCE_LENGTH_MAX = 200

MASK_SHOWS = 2
MASKED_LENGTH_MIN = 8

_FAN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_SOURCE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SALE_ID = re.compile(r"(?P<event>[A-Za-z0-9_-]{1,64}):[a-z0-9-]{1,70}")
_TEXT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_ZONE = re.compile(r"[A-Za-z_]{1,20}(?:/[A-Za-z0-9_+-]{1,20}){0,2}")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_DIALLED = ("US-", "CA-")
"""In these countries a number without +1 is still one of theirs."""

_LOCALES = {str(locale): locale for locale in Locale}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken."""

    field: str
    reason: str
    fix: str


class _Wrong(Exception):
    """Carries a refusal up to ``parse``."""

    def __init__(self, field: str, reason: str, fix: str) -> None:
        super().__init__(field)
        self.refused = Refused(field, reason, fix)


def parse(
    row: Mapping[str, str | None],
    *,
    now: datetime,
    brands: frozenset[str],
    intake: ConsentSource = ConsentSource.IMPORT,
) -> DemandRequest | Refused:
    """Return the opt-in, or the first field that is wrong with its reason and its fix.

    ``row`` maps the names of ``FIELDS``; absent, None and blank are the same. Other names are not looked at.
    """
    try:
        return _parse(row, now, brands, intake)
    except _Wrong as wrong:
        return wrong.refused


def mask(address: str) -> str:
    """Return what may be shown of an address that somebody has to find again: its last two signs."""
    return f"...{address[-MASK_SHOWS:]}" if len(address) >= MASKED_LENGTH_MIN else "..."


def _parse(
    row: Mapping[str, str | None], now: datetime, brands: frozenset[str], intake: ConsentSource
) -> DemandRequest:
    event_id, attraction_id = _target(row)
    region = _region(row)
    channel = _channel(row)
    return DemandRequest(
        fan_id=FanId(_matching(row, "fan_id", _FAN_ID, "1 to 64 letters, digits and . _ : - (not an address)")),
        event_id=event_id,
        attraction_id=attraction_id,
        sale_id=_sale_id(row, event_id),
        channel=channel,
        address=_address(row, channel, region),
        locale=_locale(row),
        brand=_brand(row, brands),
        zone=_zone(row),
        region=region,
        consent=_consent(row, now, intake),
    )


def _text(row: Mapping[str, str | None], field: str) -> str:
    text = (row.get(field) or "").strip(" ")
    if not text.isprintable():
        raise _Wrong(field, "holds a line break or another control character", "write it on one line, without tabs")
    return text


def _required(row: Mapping[str, str | None], field: str, fix: str) -> str:
    text = _text(row, field)
    if not text:
        raise _Wrong(field, "is missing", fix)
    return text


def _matching(row: Mapping[str, str | None], field: str, shape: re.Pattern[str], wanted: str) -> str:
    text = _required(row, field, f"write {wanted}")
    if not shape.fullmatch(text):
        raise _Wrong(field, "has another form", f"write {wanted}")
    return text


def _target(row: Mapping[str, str | None]) -> tuple[EventId | None, str | None]:
    """Return the event or the attraction that is demanded; where both are named, the event, which says more."""
    field = next((each for each in ("event_id", "attraction_id") if _text(row, each)), None)
    if field is None:
        raise _Wrong("event_id", "is missing, and so is attraction_id", "name an event or an attraction")
    source_id = _matching(row, field, _SOURCE_ID, "a Discovery id: 1 to 64 letters, digits, - and _")
    return (EventId(source_id), None) if field == "event_id" else (None, source_id)


def _sale_id(row: Mapping[str, str | None], event_id: EventId | None) -> SaleId | None:
    text = _text(row, "sale_id")
    if not text:
        return None
    shape = _SALE_ID.fullmatch(text)
    if shape is None or shape["event"] != event_id:
        raise _Wrong(
            "sale_id", "is no sale of the row's event", "write <event_id>:<sale>, or leave it empty for every sale"
        )
    return SaleId(text)


def _channel(row: Mapping[str, str | None]) -> Channel:
    try:
        return Channel(_required(row, "channel", "write sms or email").lower())
    except ValueError:
        raise _Wrong("channel", "is unknown", "write sms or email") from None


def _address(row: Mapping[str, str | None], channel: Channel, region: str | None) -> str:
    if channel is Channel.SMS:
        return _phone(row, region)
    written = _required(row, "address", "write an email address")
    address = emails.normalise(written)
    if address is None:
        raise _Wrong(
            "address", f"{mask(written)} is not a bare email address", "write name@example.com, without a name"
        )
    return address


def _phone(row: Mapping[str, str | None], region: str | None) -> str:
    written = _required(row, "address", "write a phone number")
    number = phones.normalise(written, is_national_allowed=(region or "").startswith(_DIALLED))
    if number is None:
        raise _Wrong(
            "address",
            f"{mask(written)} is not a number of a place in the United States or Canada",
            "write it as +1 and ten digits; without +1 the row needs a region such as US-NY",
        )
    return number


def _locale(row: Mapping[str, str | None]) -> Locale | None:
    text = _text(row, "locale").lower().replace("_", "-")
    if text and text not in _LOCALES:
        raise _Wrong("locale", "is not supported", f"write one of {', '.join(_LOCALES)}, or leave it empty")
    return _LOCALES.get(text)


def _brand(row: Mapping[str, str | None], brands: frozenset[str]) -> str:
    fix = f"write one of {', '.join(sorted(brands))}"
    brand = _required(row, "brand", fix).lower()
    if brand not in brands:
        raise _Wrong("brand", "is not configured", fix)
    return brand


def _zone(row: Mapping[str, str | None]) -> str | None:
    zone = _text(row, "zone")
    if zone and not _is_zone(zone):
        raise _Wrong("zone", "is no IANA zone", "write a name such as America/Toronto, or leave it empty")
    return zone or None


def _region(row: Mapping[str, str | None]) -> str | None:
    region = _text(row, "region").upper()
    if region and not _REGION.fullmatch(region):
        raise _Wrong("region", "is no ISO 3166-2 code", "write a code such as US-CA or CA-QC, or leave it empty")
    return region or None


def _consent(row: Mapping[str, str | None], now: datetime, intake: ConsentSource) -> Consent:
    source = _required(row, "consent_source", "name the page, shop or file that the consent came from")
    if len(source) > SOURCE_LENGTH_MAX:
        raise _Wrong("consent_source", "is too long", f"keep it within {SOURCE_LENGTH_MAX} characters")
    text_id = _matching(row, "consent_text_id", _TEXT_ID, "the id of the wording: letters, digits and . _ : / -")
    for field, text in (("consent_source", source), ("consent_text_id", text_id)):
        if _holds_address(text):  # neither is sealed
            raise _Wrong(field, "holds an address", "look for a slipped column; addresses stand in address only")
    return Consent(
        at=_consent_at(row, now),
        text_id=text_id,
        source=source,
        intake=intake,
    )


@lru_cache(maxsize=1024)
def _holds_address(text: str) -> bool:
    return any(
        phones.normalise(words, is_national_allowed=True) or emails.normalise(words.strip("<>(),;:."))
        for words in (text, *text.split())
    )


def _consent_at(row: Mapping[str, str | None], now: datetime) -> datetime:
    fix = "write an instant with its offset, such as 2026-05-01T14:00:00Z"
    try:
        at = datetime.fromisoformat(_required(row, "consent_at", fix))
    except ValueError:
        raise _Wrong("consent_at", "is no ISO 8601 instant", fix) from None
    if at.utcoffset() is None:
        raise _Wrong("consent_at", "has no offset", fix)
    if at.year < CONSENT_YEAR_MIN:
        raise _Wrong("consent_at", f"lies before {CONSENT_YEAR_MIN}", "write when the fan agreed")
    if at > now + CLOCK_SKEW_MAX:
        raise _Wrong("consent_at", "lies in the future", "write when the fan agreed; check the offset")
    return at.astimezone(UTC)


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    if not _ZONE.fullmatch(name):
        return False
    try:
        return ZoneInfo(name).key == name
    except (ValueError, OSError, KeyError):  # not a name, a folder of the database, not in it
        return False
