"""What becomes of an attempt whose outcome nobody recorded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.instant import to_ms
from fanfare.model.notification import EDGES, Reason, State
from fanfare.rules import settling
from fanfare.rules.settling import Answer, Case
from tests.builders import AN_HOUR, NOW

CASE = Case(
    attempts=1,
    attempts_max=3,
    look_ups=0,
    now=NOW,
    cut_off_at=NOW + AN_HOUR,
    resent=False,
    resend_unknown=False,
    jitter=0.5,
    look_up_seconds=10,
    report_deadline_hours=1,
)
MINUTE_MS = 60_000


def test_found_is_accepted() -> None:
    settled = settling.settle(Answer.FOUND, "SM1", CASE)

    assert (settled.state, settled.provider_id, settled.wake_ms) == (State.SENT, "SM1", to_ms(NOW + AN_HOUR))


def test_one_empty_look_up_is_asked_again() -> None:
    settled = settling.settle(Answer.EMPTY, None, CASE)

    assert (settled.state, settled.look_ups) == (State.QUEUED, 1)
    assert settled.wake_ms == to_ms(NOW + timedelta(seconds=10))


def test_two_empty_look_ups_permit_a_retry() -> None:
    """REQ-004."""
    settled = settling.settle(Answer.EMPTY, None, replace(CASE, look_ups=1))

    assert (settled.state, settled.reason) == (State.CREATED, Reason.RETRY)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"attempts": 3}, Reason.ATTEMPTS_EXHAUSTED), ({"cut_off_at": NOW}, Reason.VALIDITY_PASSED)],
)
def test_a_retry_keeps_to_the_attempts_and_the_cut_off(changes: dict[str, object], reason: Reason) -> None:
    case = replace(CASE, look_ups=1, **changes)

    assert settling.settle(Answer.EMPTY, None, case) == settling.Settled(state=State.FAILED, reason=reason)


def test_an_unanswered_look_up_counts_for_nothing() -> None:
    settled = settling.settle(Answer.UNANSWERED, None, replace(CASE, look_ups=1))

    assert (settled.state, settled.look_ups) == (State.QUEUED, 1)


def test_nobody_to_ask_is_unconfirmed() -> None:
    settled = settling.settle(Answer.NOBODY_TO_ASK, None, CASE)

    assert (settled.state, settled.reason) == (State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME)


def test_a_provider_that_stays_silent_past_the_cut_off_leaves_it_unconfirmed() -> None:
    silent = replace(CASE, now=NOW + AN_HOUR + timedelta(minutes=5))

    assert settling.settle(Answer.UNANSWERED, None, silent).state is State.UNCONFIRMED


def test_a_brand_may_resend_once() -> None:
    case = replace(CASE, resend_unknown=True)

    first = settling.settle(Answer.NOBODY_TO_ASK, None, case)
    second = settling.settle(Answer.NOBODY_TO_ASK, None, replace(case, resent=True))

    assert (first.state, first.resent) == (State.CREATED, True)
    assert (second.state, second.resent) == (State.UNCONFIRMED, True)


@given(
    answer=st.sampled_from(Answer),
    attempts=st.integers(1, 3),
    look_ups=st.integers(0, 40),
    minutes=st.none() | st.integers(-600, 600),
    resent=st.booleans(),
    resend=st.booleans(),
)
def test_every_answer_leads_along_an_edge_and_only_a_retry_or_a_question_wakes_it(
    *, answer: Answer, attempts: int, look_ups: int, minutes: int | None, resent: bool, resend: bool
) -> None:
    cut_off_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    case = replace(
        CASE, attempts=attempts, look_ups=look_ups, cut_off_at=cut_off_at, resent=resent, resend_unknown=resend
    )

    settled = settling.settle(answer, "SM1" if answer is Answer.FOUND else None, case)

    assert settled.state in EDGES[State.QUEUED]
    assert (settled.wake_ms is not None) is (settled.state in {State.QUEUED, State.CREATED, State.SENT})
    assert settled.resent >= resent, "the flag is never taken back"


def test_an_attempt_is_over_after_a_minute_on_the_clock_that_cannot_jump() -> None:
    def is_over(*, elapsed: float, series: str = "a", wall_ms: int = 0) -> bool:
        return settling.is_over(
            queued_ms=to_ms(NOW) - wall_ms,
            queued_monotonic=100.0,
            queued_series="a",
            now=NOW,
            monotonic=100.0 + elapsed,
            series=series,
        )

    assert not is_over(elapsed=59.9, wall_ms=10 * MINUTE_MS), "the wall clock jumped ahead of a call that goes on"
    assert is_over(elapsed=60)
    assert is_over(elapsed=-50, series="b", wall_ms=MINUTE_MS), "another boot: whoever made the call is gone"
    assert not is_over(elapsed=500, series="b", wall_ms=MINUTE_MS - 1)
