"""Phone numbers of the United States and Canada: their one spelling, and where they may be."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

_E164 = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}", re.ASCII)
_WRITTEN = re.compile(r"(?P<plus>\+?)(?P<digits>[\d\s().\-\u2010-\u2013\u00a0]+)", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+")

WRITTEN_LENGTH_MAX = 32
NATIONAL_DIGITS = 10
COUNTRY_DIGIT = "1"

_UNKNOWN = ("Etc/Unknown",)
"""What the library lists for a number that lies nowhere."""

PREFIX_LENGTH = len("+1NPANXX")
"""Zones are listed by country, area and exchange; further digits say nothing."""


def geographic_pattern(country: str) -> str:
    """Return the pattern of national numbers that belong to a place in a country; fixed and mobile share it here.

    Raises:
        ValueError: the library lists none for the country.
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    pattern = metadata.fixed_line.national_number_pattern if metadata and metadata.fixed_line else None
    if not pattern:
        raise ValueError(f"phonenumbers has no geographic numbers for {country}")
    return pattern


# The library's own pattern, asked directly: parsing, validity, region and type through it cost 60 us a number.
_GEOGRAPHIC = re.compile(rf"\+1(?:{geographic_pattern('US')}|{geographic_pattern('CA')})", re.ASCII)


def normalise(written: str, *, is_national_allowed: bool) -> str | None:
    """Return the number in E.164 form, or None where it is no number of a place in the United States or Canada.

    Toll-free, premium-rate and personal numbers, and those of islands that share +1, are none. Without a ``+`` the
    number is read as a national one, where the caller knows that the fan is in one of the two countries.
    """
    if _E164.fullmatch(written):
        return written if _GEOGRAPHIC.fullmatch(written) else None
    parts = _WRITTEN.fullmatch(written.strip()) if len(written) <= WRITTEN_LENGTH_MAX else None
    if parts is None:
        return None
    national = _national(_NOT_DIGITS.sub("", parts["digits"]), is_international=bool(parts["plus"]))
    if national is None or not (parts["plus"] or is_national_allowed):
        return None
    number = f"+1{national}"
    return number if _GEOGRAPHIC.fullmatch(number) else None


def zones(e164: str) -> tuple[str, ...]:
    """Return the IANA zones that the number's area code and exchange allow; empty where they tell nothing."""
    return _zones_of_prefix(e164[:PREFIX_LENGTH])


def _national(digits: str, *, is_international: bool) -> str | None:
    if len(digits) == NATIONAL_DIGITS + 1 and digits[0] == COUNTRY_DIGIT:
        return digits[1:]
    return digits if len(digits) == NATIONAL_DIGITS and not is_international else None


@lru_cache(maxsize=65_536)
def _zones_of_prefix(prefix: str) -> tuple[str, ...]:
    listed = _listed(f"{prefix}0123")
    return () if listed in (_whole_plan(), _UNKNOWN) else listed


@lru_cache(maxsize=1)
def _whole_plan() -> tuple[str, ...]:
    """Return what the library lists for +1 as a whole, which it answers for numbers without a place."""
    return _listed("+18002000123")


def _listed(e164: str) -> tuple[str, ...]:
    try:
        return tuple(timezone.time_zones_for_geographical_number(phonenumbers.parse(e164)))
    except phonenumbers.NumberParseException:  # a short code, or a name, that texted us
        return _UNKNOWN
