"""The last decision before an attempt is recorded: whether the row may still go out, now."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from fanfare.model.channel import Channel
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale
from fanfare.rules import audiences, kinds, quiet_hours
from fanfare.rules.quiet_hours import QuietPolicy

CALL_BEFORE_SECONDS = 5
"""No request of an attempt leaves later than this after its intent: an owner that slept does nothing."""

VALID_SECONDS_MAX = 36000
"""The provider's longest validity period."""


class Facts(NamedTuple):
    """What decides a row and its words; equal for most rows of a batch, so each kind of row is decided once."""

    kind: str
    channel: str
    brand: str
    locale: str
    sale_id: str | None
    revision: int | None
    cut_off_ms: int | None
    zone: str | None
    region: str | None
    phone_zones: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Where a row moves that does not go out now."""

    state: State
    reason: Reason
    wake_ms: int | None = None


def decide(facts: Facts, sale: Sale | None, now: datetime, quiet: QuietPolicy) -> Hold | None:
    """Return where a row is held, or None where it may go."""
    # A call may begin until its deadline, so a row whose cut-off comes before that has no time left.
    if facts.cut_off_ms is not None and facts.cut_off_ms <= to_ms(now) + CALL_BEFORE_SECONDS * 1000:
        return Hold(State.EXPIRED, Reason.SALE_OPENED)
    held = _by_sale(facts, sale, now)
    binds = kinds.BINDINGS[MessageKind(facts.kind)].quiet_hours_bind
    if held is not None or facts.channel != Channel.SMS or not binds:
        return held
    return _by_quiet_hours(facts, now, quiet)


def _by_sale(facts: Facts, sale: Sale | None, now: datetime) -> Hold | None:
    """A message says what its sale says now: one of an older revision goes back to be planned again."""
    if sale is None:
        return None
    is_reminder = facts.kind == MessageKind.REMINDER
    if is_reminder and not sale.is_notifiable:
        return Hold(*audiences.end_of(sale))
    if is_reminder and sale.starts_at is not None and sale.starts_at <= now:
        return Hold(State.EXPIRED, Reason.SALE_OPENED)
    return None if sale.revision == facts.revision else Hold(State.CREATED, Reason.REPLANNED, to_ms(now))


def _by_quiet_hours(facts: Facts, now: datetime, quiet: QuietPolicy) -> Hold | None:
    decision = quiet_hours.decide(
        now,
        None if facts.cut_off_ms is None else from_ms(facts.cut_off_ms),
        zone=facts.zone,
        region=facts.region,
        phone_zones=tuple(facts.phone_zones.split(",")) if facts.phone_zones else (),
        policy=quiet,
    )
    match decision:
        case quiet_hours.Send():
            return None
        case quiet_hours.Wait(until=until):
            return Hold(State.CREATED, Reason.MORNING, to_ms(until))
        case quiet_hours.Suppress():
            return Hold(State.SUPPRESSED, Reason.QUIET_HOURS)


def is_in_canada(region: str | None, phone_zones: str, zone: str | None) -> bool:
    """Whether a text goes to Canada and so must carry a contact link: by region, else by any zone that is possible."""
    if region is not None:
        return region.startswith("CA")
    return any(one in CANADIAN_ZONES for one in (zone, *phone_zones.split(",")) if one)


CANADIAN_ZONES = frozenset(
    f"America/{city}"
    for city in (
        "Atikokan", "Blanc-Sablon", "Cambridge_Bay", "Creston", "Dawson", "Dawson_Creek", "Edmonton", "Fort_Nelson",
        "Glace_Bay", "Goose_Bay", "Halifax", "Inuvik", "Iqaluit", "Moncton", "Montreal", "Nipigon", "Pangnirtung",
        "Rainy_River", "Rankin_Inlet", "Regina", "Resolute", "St_Johns", "Swift_Current", "Thunder_Bay", "Toronto",
        "Vancouver", "Whitehorse", "Winnipeg", "Yellowknife",
    )
)  # fmt: skip
"""IANA zones of Canada, links included."""


def valid_seconds(cut_off_ms: int | None, now: datetime) -> int:
    """Return how long a text is of use: until its cut-off, at least a second, at most the provider's limit."""
    if cut_off_ms is None:
        return VALID_SECONDS_MAX
    return max(1, min(VALID_SECONDS_MAX, (cut_off_ms - to_ms(now)) // 1000))
