"""When a fan may be texted: only by day where the fan is (TCPA, 47 CFR 64.1200(c)(1), and stricter state rules).

Where the fan is may be known, guessed or open; then the strictest of all that is possible binds. The table of hours is
data with its date and source, for counsel to confirm.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from fanfare.rules.regions import EVERY_ZONE, REGIONS_BY_ZONE, ZONES_BY_REGION

SUNDAY = 6

ROUNDS_MAX = 64
"""How many openings are tried before zones are found to have no hour in common."""

CACHED_ANSWERS_MAX = 65_536
"""About 10 MB: every (zone, region, area code) of a large sale over some minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """Local minutes of the day between which texts may arrive, half-open."""

    opens_minute: int = 8 * 60
    closes_minute: int = 21 * 60
    sunday_opens_minute: int = 0
    """Later opening on Sundays; 0 where Sunday is like any day."""

    def opening(self, day: date) -> int:
        """Return the minute of that day at which it opens."""
        return max(self.opens_minute, self.sunday_opens_minute) if day.weekday() == SUNDAY else self.opens_minute

    def and_also(self, other: "DayHours") -> "DayHours":
        """Return the hours that both allow."""
        return DayHours(
            opens_minute=max(self.opens_minute, other.opens_minute),
            closes_minute=min(self.closes_minute, other.closes_minute),
            sunday_opens_minute=max(self.sunday_opens_minute, other.sunday_opens_minute),
        )


UNTIL_EIGHT = DayHours(closes_minute=20 * 60)
SUNDAY_FROM_NOON = DayHours(sunday_opens_minute=12 * 60)

STRICTER_REGIONS: tuple[tuple[str, DayHours], ...] = (
    ("US-FL", UNTIL_EIGHT),
    ("US-MD", UNTIL_EIGHT),
    ("US-OK", UNTIL_EIGHT),
    ("US-TX", SUNDAY_FROM_NOON),
    ("US-WA", UNTIL_EIGHT),
    ("US-WY", UNTIL_EIGHT),
)


# eq=False: compared by identity, which makes it a cheap key of the caches below.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuietPolicy:
    """Hours by ISO 3166-2 region; regions that are not listed have the default. Canada sets none for texts (CASL)."""

    default: DayHours = DayHours()
    by_region: tuple[tuple[str, DayHours], ...] = STRICTER_REGIONS
    as_of: date = date(2026, 11, 1)
    source: str = "47 CFR 64.1200(c)(1); summaries of state telephone solicitation laws; to be confirmed by counsel"

    def hours(self, region: str) -> DayHours:
        """Return the hours of a region."""
        return dict(self.by_region).get(region, self.default)

    def strictest(self, regions: tuple[str, ...]) -> DayHours:
        """Return the hours that all of the regions allow; without any, those that every listed region allows."""
        strictest = self.default
        for region in regions or dict(self.by_region):
            strictest = strictest.and_also(self.hours(region))
        return strictest


AT_ANY_HOUR = QuietPolicy(default=DayHours(opens_minute=0, closes_minute=24 * 60), by_region=(), source="practice")
"""For the practice stage, where no telephone rings."""


@dataclass(frozen=True, slots=True)
class Open:
    """It is day wherever the fan may be."""


@dataclass(frozen=True, slots=True)
class Closed:
    """It is night somewhere that the fan may be."""

    opens_at: datetime | None
    """The next instant at which it is day in all of it; None where there is none."""


@dataclass(frozen=True, slots=True)
class Send:
    """Nothing stands against sending."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It becomes day before the message is too late."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Suppress:
    """It becomes day only when the message is too late: SUPPRESSED(quiet_hours)."""


def allowed(
    at: datetime, *, zone: str | None, region: str | None, phone_zones: tuple[str, ...], policy: QuietPolicy
) -> Open | Closed:
    """Return whether a text may arrive at an instant, and if not, when next.

    The fan is in the zone; else in any zone of the region; else in any that the phone's area code allows; else in any
    of the two countries. The region's hours bind; without a region those of every region that uses such a zone do.
    A zone that the time zone database does not know is as good as none. Answers are kept by minute, on which every
    rule and every offset falls.
    """
    return _at_minute(policy, zone, region, phone_zones, int(at.timestamp() // 60))


def decide(
    at: datetime,
    cut_off_at: datetime | None,
    *,
    zone: str | None,
    region: str | None,
    phone_zones: tuple[str, ...],
    policy: QuietPolicy,
) -> Send | Wait | Suppress:
    """Return whether a text that is to go out at an instant goes, waits for the morning, or comes too late."""
    verdict = allowed(at, zone=zone, region=region, phone_zones=phone_zones, policy=policy)
    match verdict:
        case Open():
            return Send()
        case Closed(opens_at=until):
            if until is None or (cut_off_at is not None and until >= cut_off_at):
                return Suppress()
            return Wait(until)
        case _:
            assert_never(verdict)


@lru_cache(maxsize=CACHED_ANSWERS_MAX)
def _at_minute(
    policy: QuietPolicy, zone: str | None, region: str | None, phone_zones: tuple[str, ...], minute: int
) -> Open | Closed:
    at = datetime.fromtimestamp(minute * 60, UTC)
    places = _places(policy, zone, region, phone_zones)
    if all(_next_opening(at, place, hours) == at for place, hours in places):
        return Open()
    return Closed(_common_opening(at, places))


Places = tuple[tuple[ZoneInfo, DayHours], ...]


@lru_cache(maxsize=4096)
def _places(policy: QuietPolicy, zone: str | None, region: str | None, phone_zones: tuple[str, ...]) -> Places:
    known = _loaded((zone,)) if zone else ()
    known = known or _loaded(ZONES_BY_REGION.get(region or "", ()))
    known = known or _loaded(phone_zones) or _loaded(EVERY_ZONE)
    return tuple(
        (place, policy.hours(region) if region else policy.strictest(REGIONS_BY_ZONE.get(place.key, ())))
        for place in known
    )


def _loaded(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    places = (_zone(name) for name in names)
    return tuple(place for place in places if place)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # not a name, a folder of the database, not in it
        return None


def _common_opening(at: datetime, places: Places) -> datetime | None:
    for _ in range(ROUNDS_MAX):
        later = max(_next_opening(at, place, hours) for place, hours in places)
        if later == at:
            return at
        at = later
    return None


def _next_opening(at: datetime, place: ZoneInfo, hours: DayHours) -> datetime:
    """Return the instant itself when it is within the hours, else the next opening, in UTC."""
    local = at.astimezone(place)
    minute = local.hour * 60 + local.minute
    if minute < hours.opening(local.date()):
        return _instant(local.date(), hours, place)
    if minute < hours.closes_minute:
        return at
    return _instant(local.date() + timedelta(days=1), hours, place)


def _instant(day: date, hours: DayHours, place: ZoneInfo) -> datetime:
    hour, minute = divmod(hours.opening(day), 60)
    return datetime.combine(day, time(hour, minute), tzinfo=place).astimezone(UTC)
