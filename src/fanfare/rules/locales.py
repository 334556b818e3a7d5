"""Which language a fan reads, and how a sale's day and time are written in it.

Patterns are Babel's (CLDR); what CLDR gets wrong for Canada, and what a text could not carry, is put right here.
The zone printed is the venue's. Its abbreviation is the time zone database's own, because CLDR prints an offset for
a dozen zones of the United States and Canada (``-0400`` for Indianapolis, ``-0330`` for St. John's in en-US).
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import babel
from babel.dates import format_date, format_skeleton

from fanfare.model.channel import Locale
from fanfare.model.event import Event

_BABEL = {
    Locale.EN_US: babel.Locale("en", "US"),
    Locale.EN_CA: babel.Locale("en", "CA"),
    Locale.FR_CA: babel.Locale("fr", "CA"),
}

# French Canada says heure normale and heure avancee, then the zone. CLDR prints HEA and HEAK for Atlantic and Alaskan
# summer. Names that are not here are the same in French (HST, ChST).
_FRENCH_ZONES = {
    "NST": "HNT",
    "NDT": "HAT",
    "AST": "HNA",
    "ADT": "HAA",
    "EST": "HNE",
    "EDT": "HAE",
    "CST": "HNC",
    "CDT": "HAC",
    "MST": "HNR",
    "MDT": "HAR",
    "PST": "HNP",
    "PDT": "HAP",
    "AKST": "HNAK",
    "AKDT": "HAAK",
}

_NARROW_SPACES = str.maketrans({"\u202f": " ", "\u00a0": " "})
_FIRST_OF_MONTH = re.compile(r"\b1(?= [a-zéû])")
_LEADING_ZERO = re.compile(r"^0(?=\d)")


def choose(fan_locale: Locale | None, event: Event | None, *, force_event: bool = False) -> Locale:
    """Return the locale to write in (REQ-003): the fan's, else the event's; the event's first when forced.

    An event without a known country says nothing, and nobody's word at all means en-us.
    """
    of_event = event_locale(event) if event else None
    first, second = (of_event, fan_locale) if force_event else (fan_locale, of_event)
    return first or second or Locale.EN_US


def event_locale(event: Event) -> Locale | None:
    """Return the locale of the event's venue, or None when its country is unknown.

    Discovery's own ``locale`` is no evidence: it is the language of the answer.
    """
    if event.venue is None or event.venue.country_code is None:
        return None
    if event.venue.country_code.upper() != "CA":
        return Locale.EN_US
    return Locale.FR_CA if (event.venue.state_code or "").upper() == "QC" else Locale.EN_CA


def event_zone(event: Event) -> str:
    """Return the IANA zone that the event's times are printed in; ``UTC``, which is true anywhere, when unknown."""
    venue_zone = event.venue.timezone if event.venue else None
    return next((zone for zone in (event.timezone, venue_zone) if zone and _is_known(zone)), "UTC")


def sale_day(at: datetime, zone: str, locale: Locale) -> str:
    """Return the day in the zone, short and without its year: ``Fri, May 8``, ``ven. 8 mai``.

    Raises:
        ValueError: ``at`` is not aware.
        ZoneInfoNotFoundError: the zone is unknown.
    """
    local = _local(at, zone)
    return _tidied_day(format_skeleton("MMMEd", local, tzinfo=local.tzinfo, locale=_BABEL[locale]), locale)


def sale_time(at: datetime, zone: str, locale: Locale) -> str:
    """Return the time in the zone with its abbreviation: ``10:00 AM EDT``, ``10:00 a.m. EDT``, ``10 h 00 HAE``.

    Raises:
        ValueError: ``at`` is not aware.
        ZoneInfoNotFoundError: the zone is unknown.
    """
    local = _local(at, zone)
    # fr-CA's `hm` would say "10 h 00 a.m.", which nobody in Quebec does.
    skeleton = "Hm" if locale is Locale.FR_CA else "hm"
    clock = format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=_BABEL[locale]).translate(_NARROW_SPACES)
    return f"{_LEADING_ZERO.sub('', clock)} {_zone_name(local, locale)}"


def full_day(day: date, locale: Locale) -> str:
    """Return a day written out, for email: ``Friday, May 8, 2026``, ``vendredi 8 mai 2026``."""
    return _tidied_day(format_date(day, format="full", locale=_BABEL[locale]), locale)


def _local(at: datetime, zone: str) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("an instant must be aware")
    return at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _tidied_day(text: str, locale: Locale) -> str:
    text = text.translate(_NARROW_SPACES)
    return _FIRST_OF_MONTH.sub("1er", text) if locale is Locale.FR_CA else text


def _zone_name(local: datetime, locale: Locale) -> str:
    name = local.tzname() or ""
    if not name.isalpha():  # zones without letters (-03) and fixed offsets
        name = f"UTC{local:%z}"
    return _FRENCH_ZONES.get(name, name) if locale is Locale.FR_CA else name
