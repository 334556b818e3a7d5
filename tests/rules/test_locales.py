from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Locale
from fanfare.rules import gsm7, locales
from tests.rules.wording_samples import an_event, an_event_in

US, CA, FR = Locale.EN_US, Locale.EN_CA, Locale.FR_CA
SUMMER = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
WINTER = datetime(2026, 1, 14, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "state", "locale"),
    [
        ("US", "CA", US),
        ("CA", "QC", FR),
        ("ca", "qc", FR),
        ("CA", "ON", CA),
        ("CA", None, CA),
        ("MX", None, US),
        (None, None, US),
    ],
)
def test_without_the_fans_word_the_venue_decides(country: str | None, state: str | None, locale: Locale) -> None:
    """REQ-003."""
    assert locales.choose(None, an_event_in(country, state)) is locale


def test_the_fans_locale_wins_over_the_events() -> None:
    """REQ-003."""
    assert locales.choose(CA, an_event_in("CA", "QC")) is CA


def test_the_events_locale_wins_where_it_is_forced() -> None:
    """REQ-003."""
    assert locales.choose(CA, an_event_in("CA", "QC"), force_event=True) is FR


def test_an_event_that_says_nothing_leaves_the_choice_to_the_fan_even_when_forced() -> None:
    assert locales.choose(FR, an_event_in(None), force_event=True) is FR
    assert locales.choose(FR, None, force_event=True) is FR


def test_nobodys_word_means_american_english() -> None:
    assert locales.choose(None, None) is US


# Summer and winter, English and French, for every family of zones of the two countries.
ZONES = [
    ("America/St_Johns", "NDT", "NST", "HAT", "HNT"),
    ("America/Halifax", "ADT", "AST", "HAA", "HNA"),
    ("America/Puerto_Rico", "AST", "AST", "HNA", "HNA"),
    ("America/New_York", "EDT", "EST", "HAE", "HNE"),
    ("America/Toronto", "EDT", "EST", "HAE", "HNE"),
    ("America/Montreal", "EDT", "EST", "HAE", "HNE"),
    ("America/Indiana/Indianapolis", "EDT", "EST", "HAE", "HNE"),
    ("America/Atikokan", "EST", "EST", "HNE", "HNE"),
    ("America/Chicago", "CDT", "CST", "HAC", "HNC"),
    ("America/Winnipeg", "CDT", "CST", "HAC", "HNC"),
    ("America/Regina", "CST", "CST", "HNC", "HNC"),
    ("America/Denver", "MDT", "MST", "HAR", "HNR"),
    ("America/Edmonton", "MDT", "MST", "HAR", "HNR"),
    ("America/Phoenix", "MST", "MST", "HNR", "HNR"),
    ("America/Whitehorse", "MST", "MST", "HNR", "HNR"),
    ("America/Los_Angeles", "PDT", "PST", "HAP", "HNP"),
    ("America/Vancouver", "PDT", "PST", "HAP", "HNP"),
    ("America/Anchorage", "AKDT", "AKST", "HAAK", "HNAK"),
    ("Pacific/Honolulu", "HST", "HST", "HST", "HST"),
    ("Pacific/Guam", "ChST", "ChST", "ChST", "ChST"),
]


@pytest.mark.parametrize(("zone", "summer", "winter", "ete", "hiver"), ZONES)
def test_the_zone_is_named_as_its_people_name_it(zone: str, summer: str, winter: str, ete: str, hiver: str) -> None:
    def name(at: datetime, locale: Locale) -> str:
        return locales.sale_time(at, zone, locale).rpartition(" ")[2]

    assert (name(SUMMER, US), name(WINTER, US)) == (summer, winter)
    assert (name(SUMMER, CA), name(WINTER, CA)) == (summer, winter)
    assert (name(SUMMER, FR), name(WINTER, FR)) == (ete, hiver)


def test_a_zone_without_letters_shows_its_offset() -> None:
    assert locales.sale_time(SUMMER, "America/Sao_Paulo", US) == "1:30 PM UTC-0300"


@pytest.mark.parametrize(
    ("hour", "minute", "us", "ca", "fr"),
    [
        (0, 0, "12:00 AM EDT", "12:00 a.m. EDT", "0 h 00 HAE"),
        (9, 5, "9:05 AM EDT", "9:05 a.m. EDT", "9 h 05 HAE"),
        (10, 0, "10:00 AM EDT", "10:00 a.m. EDT", "10 h 00 HAE"),
        (12, 0, "12:00 PM EDT", "12:00 p.m. EDT", "12 h 00 HAE"),
        (19, 30, "7:30 PM EDT", "7:30 p.m. EDT", "19 h 30 HAE"),
    ],
)
def test_the_time_is_written_as_in_the_country(hour: int, minute: int, us: str, ca: str, fr: str) -> None:
    at = datetime(2026, 5, 8, hour, minute, tzinfo=ZoneInfo("America/Toronto"))

    assert [locales.sale_time(at, "America/Toronto", locale) for locale in (US, CA, FR)] == [us, ca, fr]


@pytest.mark.parametrize(
    ("day", "us", "fr"),
    [
        (date(2026, 5, 8), "Fri, May 8", "ven. 8 mai"),
        (date(2026, 5, 1), "Fri, May 1", "ven. 1er mai"),
        (date(2026, 5, 11), "Mon, May 11", "lun. 11 mai"),
        (date(2026, 8, 1), "Sat, Aug 1", "sam. 1er août"),
        (date(2026, 2, 21), "Sat, Feb 21", "sam. 21 févr."),
        (date(2026, 12, 31), "Thu, Dec 31", "jeu. 31 déc."),
    ],
)
def test_the_day_is_written_with_the_name_of_its_month(day: date, us: str, fr: str) -> None:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("America/Toronto"))

    assert locales.sale_day(at, "America/Toronto", US) == us
    assert locales.sale_day(at, "America/Toronto", CA) == us
    assert locales.sale_day(at, "America/Toronto", FR) == fr


def test_the_day_is_the_venues_not_the_clocks_in_greenwich() -> None:
    at = datetime(2026, 5, 9, 2, 0, tzinfo=UTC)

    assert locales.sale_day(at, "America/Los_Angeles", US) == "Fri, May 8"


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    first, second = datetime(2025, 11, 2, 5, 30, tzinfo=UTC), datetime(2025, 11, 2, 6, 30, tzinfo=UTC)

    assert locales.sale_time(first, "America/Toronto", US) == "1:30 AM EDT"
    assert locales.sale_time(second, "America/Toronto", US) == "1:30 AM EST"


def test_a_day_is_written_out_for_email() -> None:
    day = date(2026, 8, 1)

    assert locales.full_day(day, US) == "Saturday, August 1, 2026"
    assert locales.full_day(day, FR) == "samedi 1er août 2026"


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([zone for zone, *_ in ZONES]),
    st.sampled_from(Locale),
)
def test_no_time_needs_more_than_gsm7(at: datetime, zone: str, locale: Locale) -> None:
    assert gsm7.GSM7.issuperset(locales.sale_time(at, zone, locale))
    assert gsm7.GSM7.issuperset(locales.sale_day(at, zone, locale).replace("û", "u"))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        locales.sale_time(datetime(2026, 5, 8), "America/Toronto", US)  # noqa: DTZ001


def test_an_unknown_zone_is_refused_where_it_is_given() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        locales.sale_day(SUMMER, "America/Nowhere", US)


@pytest.mark.parametrize("zone", [None, "", "America/Nowhere", "../etc/passwd", "America"])
def test_an_event_without_a_usable_zone_is_told_in_utc(zone: str | None) -> None:
    assert locales.event_zone(an_event(zone=zone)) == "UTC"
    assert locales.sale_time(SUMMER, "UTC", US) == "4:30 PM UTC"


def test_an_event_takes_its_own_zone_before_its_venues() -> None:
    assert locales.event_zone(an_event(zone="America/Denver")) == "America/Denver"
    assert locales.event_zone(replace(an_event(zone="America/Denver"), timezone=None)) == "America/Denver"
