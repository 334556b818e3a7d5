"""When an attempt that certainly did not reach the fan is made again (REQ-004)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanfare.model.notification import Reason

EXPONENT_MAX = 16
"""Keeps the power small; the ceiling is reached long before."""

BACKOFF_SECONDS_MAX = 300.0


class Setback(StrEnum):
    """What came of an attempt that may be made again. A refused or unknown one is none of these."""

    NOT_SENT = "not_sent"
    """No request byte left: refused connection, name not found, TLS failure."""
    BUSY = "busy"
    """The provider said *later*: 429, or a code listed as retryable."""
    REPORTED = "reported"
    """A listed failed report: accepted, then not delivered (sender queue full, carrier congestion)."""


FIRST_CEILING_SECONDS = {Setback.NOT_SENT: 4.0, Setback.BUSY: 10.0, Setback.REPORTED: 60.0}
"""The wait before the second attempt is anything below this; it doubles from attempt to attempt."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at an instant."""

    wake_at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again."""

    reason: Reason
    """``ATTEMPTS_EXHAUSTED``, or ``VALIDITY_PASSED`` where the cut-off comes first."""


def decide(
    setback: Setback,
    *,
    attempts: int,
    attempts_max: int,
    now: datetime,
    cut_off_at: datetime | None,
    jitter: float,
    retry_after_seconds: float | None = None,
) -> Retry | GiveUp:
    """Return when to try again after ``attempts`` attempts, or why not to.

    Exponential with full jitter: ``jitter`` in [0, 1) is spread over the whole ceiling, so that 50,000 rows that failed
    together do not come back together. A ``Retry-After`` is kept whole and the jitter comes on top.

    Raises:
        ValueError: the jitter is outside [0, 1).
    """
    if not 0 <= jitter < 1:
        raise ValueError(f"jitter is {jitter}; it must be in [0, 1)")
    if attempts >= attempts_max:
        return GiveUp(Reason.ATTEMPTS_EXHAUSTED)
    wait_seconds = max(retry_after_seconds or 0.0, 0.0) + jitter * _ceiling_seconds(setback, attempts)
    if cut_off_at is None:
        return Retry(now + timedelta(seconds=wait_seconds))
    if wait_seconds >= (cut_off_at - now).total_seconds():
        return GiveUp(Reason.VALIDITY_PASSED)
    return Retry(now + timedelta(seconds=wait_seconds))


def _ceiling_seconds(setback: Setback, attempts: int) -> float:
    exponent = min(max(attempts - 1, 0), EXPONENT_MAX)
    return min(FIRST_CEILING_SECONDS[setback] * 2**exponent, BACKOFF_SECONDS_MAX)
