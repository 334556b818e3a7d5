"""Why a fan was, or was not, told of a sale: one reason from a closed set, in the operator's words and in the fan's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from fanfare.model.channel import Channel, Language
from fanfare.model.demand import Demand
from fanfare.model.notification import MessageKind, Notification, Reason, State
from fanfare.model.sale import Sale, SaleStatus
from fanfare.rules import why_words
from fanfare.rules.why_words import Cause, Words

_TELLING = (
    State.DELIVERED,
    State.SENT,
    State.QUEUED,
    State.TRIGGERED,
    State.CREATED,
    State.UNCONFIRMED,
    State.FAILED,
    State.EXPIRED,
    State.SUPPRESSED,
    State.CANCELLED,
)
"""Of several rows the one that says most about what the fan got stands for all."""

_BY_STATE: Mapping[State, Cause] = MappingProxyType(
    {
        State.CREATED: Cause.WAITING,
        State.TRIGGERED: Cause.RELEASED,
        State.QUEUED: Cause.BEING_SENT,
        State.SENT: Cause.SENT,
        State.DELIVERED: Cause.DELIVERED,
        State.FAILED: Cause.FAILED,
        State.SUPPRESSED: Cause.SUPPRESSED,
        State.EXPIRED: Cause.EXPIRED,
        State.CANCELLED: Cause.CANCELLED,
        State.UNCONFIRMED: Cause.UNCONFIRMED,
    }
)

_BY_STATUS: Mapping[SaleStatus, Cause] = MappingProxyType(
    {SaleStatus.CANCELLED: Cause.SALE_CANCELLED, SaleStatus.UNSCHEDULED: Cause.SALE_UNSCHEDULED}
)


_EVERY = frozenset(Channel)
"""What a fan without recorded preferences accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the answer follows from, as it is stored at one instant."""

    now: datetime
    sale: Sale | None
    is_fan_known: bool
    demands: tuple[Demand, ...]
    """The fan's demands for the sale's event or one of its artists, withdrawn ones too."""
    rows: tuple[Notification, ...]
    """The fan's notifications about the sale."""
    preferences: Mapping[str, frozenset[Channel]]
    paused: str | None
    """Why sending is paused, if it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The one reason."""

    cause: Cause
    reason: Reason | None
    """The row's own reason, where a row stands behind the answer."""
    operator: str
    fan: Mapping[Language, str]


def decide(facts: Facts) -> Answer:
    """Return why the fan was told, or was not."""
    if facts.rows:
        return _of_row(chief(facts.rows), facts)
    cause = _without_row(facts)
    return _answer(cause, None, _sale_details(facts.sale))


def chief(rows: Sequence[Notification]) -> Notification:
    """Return the row that says most: reminders before other kinds, then what the fan got before what they did not."""
    return min(rows, key=lambda row: (row.kind is not MessageKind.REMINDER, _TELLING.index(row.state)))


def words_of_row(row: Notification, facts: Facts) -> str:
    """Return what the operator is told of one row."""
    return _of_row(row, facts).operator


def _of_row(row: Notification, facts: Facts) -> Answer:
    cause = _BY_STATE[row.state]
    if cause in {Cause.WAITING, Cause.RELEASED} and facts.paused:
        cause = Cause.PAUSED
    if row.state is State.SENT and row.reason is Reason.NO_REPORT:
        cause = Cause.SENT_WITHOUT_REPORT
    details = _sale_details(facts.sale) | {
        "attempts": str(row.attempts),
        "wake": _instant(row.wake_at),
        "sent": _instant(row.sent_at),
        "ended": _instant(row.ended_at),
        "code": f" (provider's code {row.provider_code})" if row.provider_code else "",
        "paused": facts.paused or "",
    }
    return _answer(cause, row.reason, details)


def _without_row(facts: Facts) -> Cause:
    if facts.sale is None:
        return Cause.SALE_UNKNOWN
    if not facts.is_fan_known:
        return Cause.FAN_UNKNOWN
    return _of_demand(facts, facts.sale.sale_id) or _of_sale(facts, facts.sale)


def _of_demand(facts: Facts, sale_id: str) -> Cause | None:
    """Return what is wrong with every demand, the first of these questions that none passes."""
    active = [demand for demand in facts.demands if demand.active]
    asked = [demand for demand in active if demand.sale_id in {None, sale_id}]
    accepted = [demand for demand in asked if demand.channel in facts.preferences.get(demand.brand, _EVERY)]
    passed = (
        (facts.demands, Cause.NO_DEMAND),
        (active, Cause.DEMAND_WITHDRAWN),
        (asked, Cause.OTHER_SALE_DEMANDED),
        (accepted, Cause.CHANNEL_NOT_ACCEPTED),
    )
    return next((cause for demands, cause in passed if not demands), None)


def _of_sale(facts: Facts, sale: Sale) -> Cause:
    if sale.status in _BY_STATUS:
        return _BY_STATUS[sale.status]
    if sale.suppressed is not None:
        return Cause.SALE_SUPPRESSED
    if sale.starts_at is not None and facts.now < sale.starts_at:
        return Cause.NOT_YET_GENERATED if sale.frozen_at is None else Cause.BEING_GENERATED
    first = min(demand.recorded_at for demand in facts.demands if demand.active)
    is_late = sale.starts_at is not None and first >= sale.starts_at
    return Cause.OPTED_IN_AFTER_OPENING if is_late else Cause.MISSED


def _sale_details(sale: Sale | None) -> dict[str, str]:
    if sale is None:
        return {"opens": "", "send": "", "suppressed": "", "unscheduled": ""}
    return {
        "opens": _instant(sale.starts_at),
        "send": _instant(sale.send_at),
        "suppressed": str(sale.suppressed or ""),
        "unscheduled": str(sale.unscheduled or ""),
    }


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else "no known time"


def _answer(cause: Cause, reason: Reason | None, details: Mapping[str, str]) -> Answer:
    words: Words = why_words.of_cause(cause)
    cause_of_row = why_words.of_reason(reason) if reason else None
    operator = words.operator.format_map({**details, "reason": cause_of_row.operator if cause_of_row else ""})
    fan = cause_of_row if cause_of_row and words.is_told_by_reason else words
    return Answer(
        cause=cause,
        reason=reason,
        operator=operator,
        fan=MappingProxyType({Language.ENGLISH: fan.english, Language.FRENCH: fan.french}),
    )
