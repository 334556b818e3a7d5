"""Delivery reports in any order, doubled or lost, leave the same row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from fanfare.model.notification import EDGES, Reason, State
from fanfare.model.report import ReportStatus
from fanfare.rules import reports
from fanfare.rules.reports import Decision, Deliver, Fail, Ignore, Reopen, Row, Told, Why

NOW = datetime(2026, 5, 8, 13, 40, tzinfo=UTC)
OPENS = datetime(2026, 5, 8, 14, tzinfo=UTC)
SEEN = datetime(2026, 5, 8, 13, 39, tzinfo=UTC)


def delivered(attempt: int = 1) -> Told:
    return Told(status=ReportStatus.DELIVERED, attempt=attempt, at=SEEN)


def undelivered(attempt: int = 1, *, is_retryable: bool = False) -> Told:
    return Told(
        status=ReportStatus.UNDELIVERED,
        attempt=attempt,
        at=SEEN,
        failure=Reason.CARRIER_LIMIT if is_retryable else Reason.UNREACHABLE,
        is_retryable=is_retryable,
    )


def progress(attempt: int = 1) -> Told:
    return Told(status=ReportStatus.PROGRESS, attempt=attempt, at=SEEN)


def apply(told: Told, state: State, attempts: int = 1, cut_off_at: datetime | None = OPENS) -> Decision:
    row = Row(state=state, attempts=attempts, cut_off_at=cut_off_at)
    return reports.apply(told, row, attempts_max=3, now=NOW, jitter=0.5)


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.SENT, State.UNCONFIRMED, State.FAILED, State.CREATED, State.TRIGGERED]
)
def test_delivered_raises_every_row_that_is_not_ended_otherwise(state: State) -> None:
    """FLOW-7: with the report's own time."""
    assert apply(delivered(), state) == Deliver(SEEN)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.DELIVERED, Why.REPEATED),
        (State.SUPPRESSED, Why.ENDED),
        (State.EXPIRED, Why.ENDED),
        (State.CANCELLED, Why.ENDED),
    ],
)
def test_delivered_leaves_other_ends_alone(state: State, why: Why) -> None:
    assert apply(delivered(), state) == Ignore(why)


@pytest.mark.parametrize("state", [State.QUEUED, State.SENT, State.UNCONFIRMED])
def test_a_final_failure_fails_the_row_with_its_reason(state: State) -> None:
    assert apply(undelivered(), state) == Fail(Reason.UNREACHABLE)


@pytest.mark.parametrize("state", [State.QUEUED, State.SENT, State.UNCONFIRMED])
def test_a_listed_failure_opens_the_row_again(state: State) -> None:
    """FLOW-7, REQ-004."""
    assert apply(undelivered(is_retryable=True), state) == Reopen(NOW + timedelta(seconds=30))


def test_a_listed_failure_of_the_last_attempt_fails() -> None:
    assert apply(undelivered(3, is_retryable=True), State.SENT, 3) == Fail(Reason.ATTEMPTS_EXHAUSTED)


def test_a_listed_failure_with_no_time_left_fails() -> None:
    assert apply(undelivered(is_retryable=True), State.SENT, cut_off_at=NOW) == Fail(Reason.VALIDITY_PASSED)


@pytest.mark.parametrize("state", State)
def test_progress_changes_nothing(state: State) -> None:
    assert apply(progress(), state) == Ignore(Why.PROGRESS)


@pytest.mark.parametrize("state", State)
def test_a_failure_of_another_attempt_changes_nothing(state: State) -> None:
    assert apply(undelivered(1), state, 2) == Ignore(Why.EARLIER_ATTEMPT)
    assert apply(undelivered(3), state, 2) == Ignore(Why.LATER_ATTEMPT)


def test_an_earlier_attempt_that_arrived_after_all_stops_the_next_one() -> None:
    assert apply(delivered(1), State.CREATED, 1) == Deliver(SEEN)
    assert apply(delivered(1), State.TRIGGERED, 1) == Deliver(SEEN)
    assert apply(delivered(1), State.QUEUED, 2) == Deliver(SEEN)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.CREATED, Why.REPEATED),
        (State.TRIGGERED, Why.REPEATED),
        (State.FAILED, Why.REPEATED),
        (State.DELIVERED, Why.ENDED),
        (State.EXPIRED, Why.ENDED),
    ],
)
def test_a_failure_told_twice_changes_nothing_the_second_time(state: State, why: Why) -> None:
    assert apply(undelivered(is_retryable=True), state) == Ignore(why)


@pytest.mark.parametrize(("state", "attempts"), tuple(product(State, (1, 2, 3))))
def test_every_decision_follows_a_listed_edge(state: State, attempts: int) -> None:
    row = Row(state=state, attempts=attempts, cut_off_at=OPENS)
    for told in SOME:
        after = follow(row, (told,))
        assert after.state is state or after.state in EDGES[state]


SOME = (
    progress(1),
    delivered(1),
    undelivered(1),
    undelivered(1, is_retryable=True),
    delivered(2),
    undelivered(2),
    undelivered(2, is_retryable=True),
)

# A provider gives an attempt one final failure code, so a set holds one kind of failure for each attempt.
SETS = tuple(
    (progress(1), delivered(1), undelivered(1, is_retryable=first), undelivered(2, is_retryable=second), *late)
    for first, second, late in product((False, True), (False, True), ((), (delivered(2),)))
)


@pytest.mark.parametrize("told", SETS)
@pytest.mark.parametrize(("state", "attempts"), tuple(product(sorted(reports.ON_ITS_WAY), (1, 2, 3))))
def test_any_order_of_any_subset_with_doubles_leaves_the_same_row(
    told: tuple[Told, ...], state: State, attempts: int
) -> None:
    row = Row(state=state, attempts=attempts, cut_off_at=OPENS)
    for lost in range(2 ** len(told)):
        heard = tuple(one for place, one in enumerate(told) if not lost >> place & 1)
        ends = {follow(row, order + order[:1]).state for order in permutations(heard)}
        assert len(ends) == 1
        if any(one.status is ReportStatus.DELIVERED for one in heard):
            assert ends == {State.DELIVERED}


def follow(row: Row, told: tuple[Told, ...]) -> Row:
    for one in told:
        match reports.apply(one, row, attempts_max=3, now=NOW, jitter=0.5):
            case Deliver():
                row = replace(row, state=State.DELIVERED)
            case Fail():
                row = replace(row, state=State.FAILED)
            case Reopen():
                row = replace(row, state=State.CREATED)
            case Ignore():
                pass
    return row
