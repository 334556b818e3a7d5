"""Instants as the store keeps them: epoch milliseconds. What is finer is cut off."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@overload
def to_ms(at: datetime) -> int: ...
@overload
def to_ms(at: None) -> None: ...
@overload
def to_ms(at: datetime | None) -> int | None: ...
def to_ms(at: datetime | None) -> int | None:
    """Return epoch milliseconds of an aware instant."""
    return None if at is None else (at - _EPOCH) // _MS


@overload
def from_ms(ms: int) -> datetime: ...
@overload
def from_ms(ms: None) -> None: ...
@overload
def from_ms(ms: int | None) -> datetime | None: ...
def from_ms(ms: int | None) -> datetime | None:
    """Return the aware UTC instant."""
    return None if ms is None else _EPOCH + ms * _MS
