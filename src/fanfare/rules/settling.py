"""What becomes of an attempt whose outcome nobody recorded.

The provider's look-up settles it: found is accepted; empty twice after the settle time permits a retry. Where nobody
can be asked, or the provider never answers before the cut-off, the row is UNCONFIRMED, or sent once more, flagged,
where the brand's switch says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanfare.model.instant import to_ms
from fanfare.model.notification import Reason, State
from fanfare.rules import retries

ATTEMPT_SECONDS_MAX = 60.0
"""A call begins at most 5 s after its intent and ends within 30 s; after twice that nobody is at it any more."""
EMPTY_LOOK_UPS = 2
"""How many look-ups must come back empty before an attempt counts as not sent."""
LOOK_UP_BEYOND = timedelta(minutes=5)
"""How long after its cut-off a row is still looked up: the fan is not reached any more, only the truth is at stake."""


class Answer(StrEnum):
    """What the provider says of an attempt."""

    FOUND = "found"
    EMPTY = "empty"
    UNANSWERED = "unanswered"
    NOBODY_TO_ASK = "nobody_to_ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row whose attempt is over and not settled."""

    attempts: int
    attempts_max: int
    look_ups: int
    """How many look-ups came back empty so far."""
    now: datetime
    cut_off_at: datetime | None
    resent: bool
    resend_unknown: bool
    jitter: float
    look_up_seconds: float
    report_deadline_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where the row moves."""

    state: State
    reason: Reason | None = None
    wake_ms: int | None = None
    provider_id: str | None = None
    look_ups: int = 0
    resent: bool = False


def is_over(
    *,
    queued_ms: int | None,
    queued_monotonic: float | None,
    queued_series: str | None,
    now: datetime,
    monotonic: float,
    series: str,
) -> bool:
    """Whether the last call of an attempt must have ended.

    Told on the monotonic clock where the intent was recorded on the same series, because a wall clock may jump ahead
    of a call that is still going on. Another series means another boot: whoever made the call is gone.
    """
    if queued_monotonic is not None and queued_series == series:
        return monotonic - queued_monotonic >= ATTEMPT_SECONDS_MAX
    return queued_ms is None or to_ms(now) - queued_ms >= ATTEMPT_SECONDS_MAX * 1000


def settle(answer: Answer, provider_id: str | None, case: Case) -> Settled:
    """Return where the row moves, given what the provider says of its attempt."""
    if answer is Answer.FOUND:
        deadline = case.now + timedelta(hours=case.report_deadline_hours)
        return Settled(state=State.SENT, wake_ms=to_ms(deadline), provider_id=provider_id, resent=case.resent)
    if answer is Answer.NOBODY_TO_ASK:
        return _give_up(case)
    if answer is Answer.EMPTY and case.look_ups + 1 >= EMPTY_LOOK_UPS:
        return _again(case, resent=case.resent)
    return _ask_again(answer, case)


def _ask_again(answer: Answer, case: Case) -> Settled:
    wake_at = case.now + timedelta(seconds=case.look_up_seconds)
    if case.cut_off_at is None or wake_at >= case.cut_off_at + LOOK_UP_BEYOND:
        return _give_up(case)
    return Settled(
        state=State.QUEUED,
        reason=Reason.UNKNOWN_OUTCOME,
        wake_ms=to_ms(wake_at),
        look_ups=case.look_ups + (answer is Answer.EMPTY),
        resent=case.resent,
    )


def _give_up(case: Case) -> Settled:
    if case.resend_unknown and not case.resent:
        return _again(case, resent=True)
    return Settled(state=State.UNCONFIRMED, reason=Reason.UNKNOWN_OUTCOME, resent=case.resent)


def _again(case: Case, *, resent: bool) -> Settled:
    decision = retries.decide(
        retries.Setback.NOT_SENT,
        attempts=case.attempts,
        attempts_max=case.attempts_max,
        now=case.now,
        cut_off_at=case.cut_off_at,
        jitter=case.jitter,
    )
    match decision:
        case retries.Retry(wake_at=wake_at):
            return Settled(state=State.CREATED, reason=Reason.RETRY, wake_ms=to_ms(wake_at), resent=resent)
        case retries.GiveUp(reason=reason):
            return Settled(state=State.FAILED, reason=reason, resent=resent)
