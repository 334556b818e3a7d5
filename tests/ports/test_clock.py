"""What every clock promises."""

from datetime import UTC, datetime, timedelta

from fanfare.engines.embedded.clock import SteppedClock, SystemClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_system_clock_is_aware_and_its_monotonic_reading_never_falls() -> None:
    clock = SystemClock()
    first, second = clock.monotonic_seconds(), clock.monotonic_seconds()

    assert clock.now().utcoffset() == timedelta(0)
    assert first <= second
    assert clock.series == SystemClock().series != ""


def test_a_stepped_clock_stands_still_until_it_is_moved() -> None:
    clock = SteppedClock(NOON)
    assert (clock.now(), clock.monotonic_seconds()) == (NOON, 0)

    clock.advance_to(NOON + timedelta(minutes=1))
    clock.advance(seconds=30)

    assert (clock.now(), clock.monotonic_seconds()) == (NOON + timedelta(seconds=90), 90)


def test_a_stepped_clock_never_goes_back() -> None:
    clock = SteppedClock(NOON)

    clock.advance_to(NOON - timedelta(days=1))

    assert (clock.now(), clock.monotonic_seconds()) == (NOON, 0)
