"""The last decision before an attempt is recorded: may this row still go out, now, with these words?"""

from dataclasses import dataclass
from datetime import datetime

from fanfare.model.channel import Channel
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale
from fanfare.rules import kinds, quiet_hours
from fanfare.rules.quiet_hours import QuietPolicy

CALL_BEFORE_SECONDS = 5
"""No request of an attempt leaves later than this after its intent: an owner that slept does nothing."""

VALID_SECONDS_MAX = 36000
"""The provider's longest validity period."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A row with its address and words."""

    row: int
    address: str
    message: SmsMessage | EmailMessage


@dataclass(frozen=True, slots=True)
class Held:
    """A row that does not go out now, with where it moves instead."""

    row: int
    state: State
    reason: Reason
    wake_ms: int | None


@dataclass(slots=True, kw_only=True)
class Judge:
    """Decides the rows of one batch, all at one instant."""

    now: datetime
    quiet: QuietPolicy

    def decide(
        self,
        *,
        row: int,
        kind: str,
        channel: str,
        address: str | None,
        sale: Sale | None,
        revision: int | None,
        cut_off_ms: int | None,
        zone: str | None,
        region: str | None,
        phone_zones: str,
    ) -> Held | None:
        """Return where the row is held, or None where it may go."""
        if address is None:
            return Held(row, State.SUPPRESSED, Reason.FORGOTTEN, None)
        # A call may begin until its deadline, so a row whose cut-off comes before that has no time left.
        if cut_off_ms is not None and cut_off_ms <= to_ms(self.now) + CALL_BEFORE_SECONDS * 1000:
            return Held(row, State.EXPIRED, Reason.SALE_OPENED, None)
        held = _bound_by_sale(row, kind, sale, revision, self.now)
        if held is not None or channel != Channel.SMS or not kinds.BINDINGS[MessageKind(kind)].quiet_hours_bind:
            return held
        return self._quiet(row, cut_off_ms, zone, region, phone_zones)

    def _quiet(
        self, row: int, cut_off_ms: int | None, zone: str | None, region: str | None, phone_zones: str
    ) -> Held | None:
        decision = quiet_hours.decide(
            self.now,
            None if cut_off_ms is None else from_ms(cut_off_ms),
            zone=zone,
            region=region,
            phone_zones=tuple(phone_zones.split(",")) if phone_zones else (),
            policy=self.quiet,
        )
        match decision:
            case quiet_hours.Send():
                return None
            case quiet_hours.Wait(until=until):
                return Held(row, State.CREATED, Reason.MORNING, to_ms(until))
            case quiet_hours.Suppress():
                return Held(row, State.SUPPRESSED, Reason.QUIET_HOURS, None)


def _bound_by_sale(row: int, kind: str, sale: Sale | None, revision: int | None, now: datetime) -> Held | None:
    """A reminder says what its sale says now: one of an older revision goes back to be planned again."""
    if sale is None or kind != MessageKind.REMINDER:
        return None
    if not sale.is_notifiable:
        return Held(row, State.CANCELLED, Reason.SALE_CANCELLED, None)
    if sale.starts_at is not None and sale.starts_at <= now:
        return Held(row, State.EXPIRED, Reason.SALE_OPENED, None)
    if sale.revision != revision:
        return Held(row, State.CREATED, Reason.REPLANNED, to_ms(now))
    return None


def is_in_canada(region: str | None, phone_zones: str, zone: str | None) -> bool:
    """Whether a text goes to Canada, where it must carry a contact link: by region, else by any zone that is possible."""
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
