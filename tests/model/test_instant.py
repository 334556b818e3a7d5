"""Instants and the milliseconds that hot columns carry."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model import instant

INSTANTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS)
def test_milliseconds_lead_back_to_the_instant_less_what_is_below_them(at: datetime) -> None:
    back = instant.from_ms(instant.to_ms(at))

    assert timedelta(0) <= at - back < instant.MILLISECOND


@given(INSTANTS, st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_the_zone_makes_no_difference(at: datetime, minutes: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(minutes=minutes)))

    assert instant.to_ms(elsewhere) == instant.to_ms(at)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(TypeError):
        instant.to_ms(datetime(2026, 5, 8))  # noqa: DTZ001


def test_no_instant_has_no_milliseconds() -> None:
    assert instant.maybe_ms(None) is None
    assert instant.maybe_ms(instant.EPOCH) == 0
