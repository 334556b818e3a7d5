"""When an attempt is made again, and when not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.notification import Reason
from fanfare.rules import retries
from fanfare.rules.retries import GiveUp, Retry, Setback

NOW = datetime(2026, 5, 8, 13, 40, tzinfo=UTC)
OPENS = datetime(2026, 5, 8, 14, tzinfo=UTC)


def decide(
    setback: Setback = Setback.BUSY,
    *,
    attempts: int = 1,
    cut_off_at: datetime | None = OPENS,
    jitter: float = 0.5,
    retry_after_seconds: float | None = None,
) -> Retry | GiveUp:
    return retries.decide(
        setback,
        attempts=attempts,
        attempts_max=3,
        now=NOW,
        cut_off_at=cut_off_at,
        jitter=jitter,
        retry_after_seconds=retry_after_seconds,
    )


@pytest.mark.parametrize(
    ("setback", "attempts", "seconds"),
    [
        (Setback.NOT_SENT, 1, 2),
        (Setback.NOT_SENT, 2, 4),
        (Setback.BUSY, 1, 5),
        (Setback.BUSY, 2, 10),
        (Setback.REPORTED, 1, 30),
        (Setback.REPORTED, 2, 60),
    ],
)
def test_half_the_jitter_waits_half_the_ceiling(setback: Setback, attempts: int, seconds: int) -> None:
    assert decide(setback, attempts=attempts) == Retry(NOW + timedelta(seconds=seconds))


def test_three_attempts_are_all() -> None:
    """REQ-004."""
    assert decide(attempts=3) == GiveUp(Reason.ATTEMPTS_EXHAUSTED)


def test_retry_after_is_kept_and_the_jitter_comes_on_top() -> None:
    assert decide(retry_after_seconds=60) == Retry(NOW + timedelta(seconds=65))


def test_a_negative_retry_after_is_none() -> None:
    assert decide(retry_after_seconds=-60) == decide()


def test_a_retry_at_the_opening_is_given_up() -> None:
    assert decide(jitter=0, retry_after_seconds=20 * 60) == GiveUp(Reason.VALIDITY_PASSED)
    assert decide(cut_off_at=NOW) == GiveUp(Reason.VALIDITY_PASSED)


@pytest.mark.parametrize("jitter", [-0.1, 1.0, float("nan")])
def test_jitter_out_of_range_is_refused(jitter: float) -> None:
    with pytest.raises(ValueError, match="jitter"):
        decide(jitter=jitter)


@given(
    st.sampled_from(Setback),
    st.integers(0, 200),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.floats(0, 10**12),
    st.none() | st.integers(-3600, 3600),
)
def test_a_retry_lies_ahead_before_the_cut_off_and_never_before_retry_after(
    setback: Setback, attempts: int, jitter: float, retry_after: float | None, seconds_left: int | None
) -> None:
    cut_off_at = None if seconds_left is None else NOW + timedelta(seconds=seconds_left)
    decision = retries.decide(
        setback,
        attempts=attempts,
        attempts_max=500,
        now=NOW,
        cut_off_at=cut_off_at or OPENS,
        jitter=jitter,
        retry_after_seconds=retry_after,
    )

    if isinstance(decision, Retry):
        waited = decision.wake_at - NOW
        assert decision.wake_at < (cut_off_at or OPENS)
        assert waited >= timedelta(seconds=retry_after or 0)
        assert waited <= timedelta(seconds=(retry_after or 0) + retries.BACKOFF_SECONDS_MAX)


def test_without_a_cut_off_only_attempts_end_it() -> None:
    assert decide(cut_off_at=None, retry_after_seconds=86_400) == Retry(NOW + timedelta(seconds=86_405))
