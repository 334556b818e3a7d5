"""Instants as aware UTC datetimes and as the epoch milliseconds that hot columns carry."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return epoch milliseconds, rounded down.

    Raises:
        TypeError: the datetime is naive.
    """
    return (at - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def maybe_ms(at: datetime | None) -> int | None:
    """Return epoch milliseconds, or None for None."""
    return None if at is None else to_ms(at)
