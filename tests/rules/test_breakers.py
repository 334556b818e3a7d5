"""A provider that is down is left in peace, and found again by one probe."""

from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules.breakers import FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX, WINDOW, Breaker

DOWN = [True] * 10
WELL = [False] * 10


def test_a_provider_that_answers_is_not_held_back() -> None:
    breaker = Breaker().after(WELL, 0.0)

    assert breaker.allowance(256, 0.0) == 256


def test_an_outage_opens_the_breaker_for_a_while() -> None:
    breaker = Breaker().after(DOWN, 100.0)

    assert breaker.allowance(256, 100.0) == 0
    assert breaker.allowance(256, 100.0 + FIRST_WAIT_SECONDS - 0.1) == 0


def test_after_the_pause_one_row_probes() -> None:
    breaker = Breaker().after(DOWN, 100.0)

    assert breaker.allowance(256, 100.0 + FIRST_WAIT_SECONDS) == 1
    assert breaker.allowance(0, 100.0 + FIRST_WAIT_SECONDS) == 0


def test_an_answered_probe_closes_it_and_forgets_the_outage() -> None:
    breaker = Breaker().after(DOWN, 100.0).after([False], 103.0)

    assert breaker.allowance(256, 103.0) == 256
    assert breaker.recent == (False,)


def test_each_failed_probe_doubles_the_pause_up_to_a_minute() -> None:
    breaker, now, pauses = Breaker().after(DOWN, 0.0), 0.0, list[float]()
    for _ in range(8):
        pauses.append(breaker.open_until - now)
        now = breaker.open_until
        breaker = breaker.after([True], now)

    assert pauses[:5] == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert pauses[-1] == WAIT_SECONDS_MAX


def test_a_few_troubles_among_many_answers_do_not_open_it() -> None:
    breaker = Breaker().after([True] * 5 + [False] * 15, 0.0)

    assert breaker.allowance(10, 0.0) == 10


def test_four_outcomes_say_too_little() -> None:
    assert Breaker().after([True] * 4, 0.0).allowance(10, 0.0) == 10


def test_a_batch_without_outcomes_changes_nothing() -> None:
    breaker = Breaker().after(DOWN, 5.0)

    assert breaker.after([], 6.0) is breaker


@given(st.lists(st.lists(st.booleans(), max_size=30), max_size=20))
def test_it_never_holds_back_for_longer_than_a_minute_nor_remembers_more_than_its_window(
    batches: list[list[bool]],
) -> None:
    breaker = Breaker()
    for now, batch in enumerate(batches):
        breaker = breaker.after(batch, float(now))
        assert breaker.open_until <= now + WAIT_SECONDS_MAX
        assert len(breaker.recent) <= WINDOW
        assert breaker.allowance(7, breaker.open_until) in {1, 7}
