"""Texts go out by day where the fan is, or may be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import quiet_hours
from fanfare.rules.quiet_hours import Closed, DayHours, Open, QuietPolicy, Send, Suppress, Wait
from fanfare.rules.regions import EVERY_ZONE, REGIONS_BY_ZONE, ZONES_BY_REGION

POLICY = QuietPolicy()
NEW_YORK = "America/New_York"
LOS_ANGELES = "America/Los_Angeles"


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def allowed(
    at: datetime, zone: str | None = None, region: str | None = None, phone_zones: tuple[str, ...] = ()
) -> Open | Closed:
    return quiet_hours.allowed(at, zone=zone, region=region, phone_zones=phone_zones, policy=POLICY)


@pytest.mark.parametrize(
    ("at", "zone", "region", "is_open"),
    [
        ("2026-05-08T07:59", NEW_YORK, "US-NY", False),
        ("2026-05-08T08:00", NEW_YORK, "US-NY", True),
        ("2026-05-08T20:59", NEW_YORK, "US-NY", True),
        ("2026-05-08T21:00", NEW_YORK, "US-NY", False),
        ("2026-05-08T20:00", NEW_YORK, "US-FL", False),
        ("2026-05-08T19:59", NEW_YORK, "US-FL", True),
        ("2026-05-08T20:30", "America/Chicago", "US-OK", False),
        ("2026-05-08T20:30", NEW_YORK, "US-MD", False),
        ("2026-05-08T20:30", LOS_ANGELES, "US-WA", False),
        ("2026-05-08T20:30", "America/Denver", "US-WY", False),
        ("2026-05-08T20:30", "America/Chicago", "US-TX", True),
        ("2026-05-10T11:59", "America/Chicago", "US-TX", False),
        ("2026-05-10T12:00", "America/Chicago", "US-TX", True),
        ("2026-05-09T11:59", "America/Chicago", "US-TX", True),
        ("2026-05-10T08:00", "America/Toronto", "CA-ON", True),
        ("2026-05-10T20:59", "America/St_Johns", "CA-NL", True),
    ],
)
def test_the_hours_of_a_known_place(at: str, zone: str, region: str, *, is_open: bool) -> None:
    """REQ-001: quiet hours are an exception with a reason of its own."""
    assert isinstance(allowed(local(at, zone), zone, region), Open) is is_open


def test_a_sale_at_ten_in_new_york_is_no_morning_in_los_angeles() -> None:
    at = local("2026-05-08T09:30", NEW_YORK)

    assert allowed(at, NEW_YORK, "US-NY") == Open()
    assert allowed(at, LOS_ANGELES, "US-CA") == Closed(local("2026-05-08T08:00", LOS_ANGELES))


def test_a_missing_region_is_the_strictest_of_those_in_the_zone() -> None:
    assert allowed(local("2026-05-08T20:30", NEW_YORK), NEW_YORK) == Closed(local("2026-05-09T08:00", NEW_YORK))
    assert allowed(local("2026-05-08T20:30", "America/Toronto"), "America/Toronto") == Open()


def test_a_missing_zone_is_every_zone_of_the_region() -> None:
    at = local("2026-05-08T08:30", NEW_YORK)

    assert allowed(at, region="US-TN") == Closed(local("2026-05-08T08:00", "America/Chicago"))
    assert allowed(at, region="US-NY") == Open()


def test_the_area_code_speaks_only_where_zone_and_region_are_silent() -> None:
    at = local("2026-05-08T09:30", NEW_YORK)

    assert isinstance(allowed(at, phone_zones=(LOS_ANGELES,)), Closed)
    assert allowed(at, phone_zones=(NEW_YORK,)) == Open()
    assert allowed(at, zone=NEW_YORK, phone_zones=(LOS_ANGELES,)) == Open()
    assert allowed(at, region="US-NY", phone_zones=(LOS_ANGELES,)) == Open()


def test_a_region_that_the_table_lacks_binds_no_hours_of_its_own() -> None:
    at = local("2026-05-08T20:30", NEW_YORK)

    assert allowed(at, NEW_YORK, "FR-IDF") == Open()
    assert isinstance(allowed(at, region="FR-IDF"), Closed)


def test_a_fan_of_whom_nothing_is_known_waits_for_the_west_and_stops_with_the_east() -> None:
    assert allowed(datetime(2026, 7, 8, 17, 59, tzinfo=UTC)) == Closed(datetime(2026, 7, 8, 18, tzinfo=UTC))
    assert allowed(datetime(2026, 7, 8, 18, tzinfo=UTC)) == Open()
    assert allowed(datetime(2026, 7, 8, 23, 30, tzinfo=UTC)) == Closed(datetime(2026, 7, 9, 18, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["America/Nowhere", "../etc/passwd", "America", "", "\0"])
def test_a_zone_that_nobody_knows_is_as_good_as_none(zone: str) -> None:
    at = datetime(2026, 7, 8, 17, 59, tzinfo=UTC)

    assert allowed(at, zone) == allowed(at)


def test_another_name_of_a_zone_is_held_to_the_strictest_hours() -> None:
    assert isinstance(allowed(local("2026-05-08T20:30", "US/Eastern"), "US/Eastern"), Closed)
    assert isinstance(allowed(local("2026-05-10T11:30", "US/Eastern"), "US/Eastern"), Closed)
    assert allowed(local("2026-05-10T12:30", "US/Eastern"), "US/Eastern") == Open()


def test_zones_without_a_common_hour_never_open() -> None:
    at = datetime(2026, 7, 8, 12, tzinfo=UTC)
    policy = QuietPolicy(default=DayHours(closes_minute=9 * 60))
    coasts = (NEW_YORK, LOS_ANGELES)

    verdict = quiet_hours.allowed(at, zone=None, region=None, phone_zones=coasts, policy=policy)
    decision = quiet_hours.decide(at, None, zone=None, region=None, phone_zones=coasts, policy=policy)

    assert verdict == Closed(None)
    assert decision == Suppress()


@pytest.mark.parametrize(
    ("day", "opening"),
    [("2026-03-08", "2026-03-08T12:00"), ("2026-11-01", "2026-11-01T13:00")],
)
def test_the_morning_after_clocks_change_begins_at_eight_by_the_new_time(day: str, opening: str) -> None:
    night = local(f"{day}T00:30", NEW_YORK)

    assert allowed(night, NEW_YORK, "US-NY") == Closed(datetime.fromisoformat(opening).replace(tzinfo=UTC))


def decide(at: datetime, cut_off_at: datetime | None, phone_zones: tuple[str, ...]) -> Send | Wait | Suppress:
    return quiet_hours.decide(at, cut_off_at, zone=None, region=None, phone_zones=phone_zones, policy=POLICY)


@pytest.mark.parametrize(
    ("at", "cut_off", "decision"),
    [
        ("2026-05-08T09:30", "2026-05-08T10:00", Send()),
        ("2026-05-08T07:50", "2026-05-08T08:30", Wait(local("2026-05-08T08:00", LOS_ANGELES))),
        ("2026-05-08T07:30", "2026-05-08T08:00", Suppress()),
        ("2026-05-08T06:30", "2026-05-08T07:00", Suppress()),
        ("2026-05-08T22:00", None, Wait(local("2026-05-09T08:00", LOS_ANGELES))),
    ],
)
def test_a_text_waits_for_the_morning_only_if_it_is_not_too_late_then(
    at: str, cut_off: str | None, decision: Send | Wait | Suppress
) -> None:
    cut_off_at = local(cut_off, LOS_ANGELES) if cut_off else None

    assert decide(local(at, LOS_ANGELES), cut_off_at, (LOS_ANGELES,)) == decision


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC


@given(
    INSTANTS,
    st.none() | st.sampled_from(EVERY_ZONE),
    st.none() | st.sampled_from(sorted(ZONES_BY_REGION)),
    st.lists(st.sampled_from(EVERY_ZONE), max_size=3).map(tuple),
)
def test_what_is_open_is_within_the_federal_hours_wherever_the_fan_may_be(
    at: datetime, zone: str | None, region: str | None, phone_zones: tuple[str, ...]
) -> None:
    verdict = allowed(at, zone, region, phone_zones)
    moment = at if isinstance(verdict, Open) else verdict.opens_at
    assert moment is not None
    possible = (zone,) if zone else ZONES_BY_REGION[region] if region else phone_zones or EVERY_ZONE

    for name in possible:
        there = moment.astimezone(ZoneInfo(name))
        strict = region in {"US-FL", "US-MD", "US-OK", "US-WA", "US-WY"}
        assert 8 <= there.hour < (20 if strict else 21)
        if region == "US-TX" and there.weekday() == 6:
            assert there.hour >= 12


@given(INSTANTS, st.sampled_from(sorted(REGIONS_BY_ZONE)))
def test_the_opening_it_names_is_the_first_one(at: datetime, zone: str) -> None:
    verdict = allowed(at, zone)

    if isinstance(verdict, Closed) and verdict.opens_at:
        assert allowed(verdict.opens_at, zone) == Open()
        steps = int((verdict.opens_at - at) / timedelta(minutes=30))
        for step in range(steps):
            assert isinstance(allowed(at + step * timedelta(minutes=30), zone), Closed)


def test_the_table_is_data_with_its_date_and_its_source() -> None:
    policy = QuietPolicy(by_region=(("US-NY", DayHours(opens_minute=9 * 60)),))
    at = local("2026-05-08T08:30", NEW_YORK)

    assert POLICY.source
    assert POLICY.as_of.year == 2026
    assert quiet_hours.allowed(at, zone=NEW_YORK, region="US-NY", phone_zones=(), policy=policy) == Closed(
        local("2026-05-08T09:00", NEW_YORK)
    )
