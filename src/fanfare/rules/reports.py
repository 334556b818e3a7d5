"""What a delivery report does to its row: the lattice (FLOW-7, ADR 0011).

Reports repeat, overtake one another and come before our own record of the call. Whatever their order, the row ends the
same: it climbs within its attempt, DELIVERED is final and wins, and from an earlier attempt only DELIVERED counts.
The provider gives one attempt one final code; that it may first fail and then be delivered is what its late carrier
reports do.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from fanfare.model.notification import Reason, State
from fanfare.model.report import ReportStatus
from fanfare.rules import retries

ON_ITS_WAY = frozenset({State.QUEUED, State.SENT, State.UNCONFIRMED})
"""States of a row whose present attempt may still be reported on; QUEUED and UNCONFIRMED are settled by the report."""

RAISED_TO_DELIVERED = ON_ITS_WAY | {State.FAILED, State.CREATED, State.TRIGGERED}
"""A row that waits for its next attempt (CREATED, TRIGGERED) must not be sent again when the last one arrived after
all."""


class Why(StrEnum):
    """Why a report changes nothing."""

    PROGRESS = "progress"
    REPEATED = "repeated"
    EARLIER_ATTEMPT = "earlier_attempt"
    LATER_ATTEMPT = "later_attempt"
    """Names an attempt that the row never made: from before a restored backup."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Deliver:
    """The row becomes DELIVERED, at the report's own time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Fail:
    """The row becomes FAILED."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Reopen:
    """The row becomes CREATED and is tried again at an instant."""

    wake_at: datetime


@dataclass(frozen=True, slots=True)
class Ignore:
    """The row stays as it is."""

    why: Why


Decision = Deliver | Fail | Reopen | Ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one report says, its code already looked up in the provider's table."""

    status: ReportStatus
    attempt: int
    """Which attempt it is about."""
    at: datetime
    failure: Reason = Reason.REPORTED_FAILED
    """What an UNDELIVERED report's code means."""
    is_retryable: bool = False
    """Whether that code is listed as *not delivered, try later*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a report is laid on."""

    state: State
    attempts: int
    cut_off_at: datetime | None


def apply(told: Told, row: Row, *, attempts_max: int, now: datetime, jitter: float) -> Decision:
    """Return what the report does to the row.

    ``jitter`` in [0, 1) spreads the retries; see ``retries.decide``.
    """
    match told.status:
        case ReportStatus.PROGRESS:
            return Ignore(Why.PROGRESS)
        case ReportStatus.DELIVERED:
            return _delivered(told, row)
        case ReportStatus.UNDELIVERED:
            why = _no_matter(told, row)
            return Ignore(why) if why else _undelivered(told, row, attempts_max, now, jitter)
        case _:
            assert_never(told.status)


def may_be_delivered(state: State) -> bool:
    """Whether a report of delivery, of any attempt, raises a row in this state."""
    return state in RAISED_TO_DELIVERED


def _delivered(told: Told, row: Row) -> Decision:
    if may_be_delivered(row.state):
        return Deliver(told.at)
    return Ignore(Why.REPEATED if row.state is State.DELIVERED else Why.ENDED)


def _no_matter(told: Told, row: Row) -> Why | None:
    if told.attempt != row.attempts:
        return Why.EARLIER_ATTEMPT if told.attempt < row.attempts else Why.LATER_ATTEMPT
    if row.state in ON_ITS_WAY:
        return None
    return Why.REPEATED if row.state in RAISED_TO_DELIVERED else Why.ENDED


def _undelivered(told: Told, row: Row, attempts_max: int, now: datetime, jitter: float) -> Decision:
    if not told.is_retryable:
        return Fail(told.failure)
    again = retries.decide(
        retries.Setback.REPORTED,
        attempts=row.attempts,
        attempts_max=attempts_max,
        now=now,
        cut_off_at=row.cut_off_at,
        jitter=jitter,
    )
    match again:
        case retries.Retry(wake_at=wake_at):
            return Reopen(wake_at)
        case retries.GiveUp(reason=reason):
            return Fail(reason)
        case _:
            assert_never(again)
