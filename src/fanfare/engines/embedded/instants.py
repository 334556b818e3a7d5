"""Columns that may be null, as instants."""

from datetime import datetime

from fanfare.model.instant import from_ms


def maybe_at(milliseconds: int | None) -> datetime | None:
    """Return the aware UTC datetime of epoch milliseconds, or None for null."""
    return None if milliseconds is None else from_ms(milliseconds)
