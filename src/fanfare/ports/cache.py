"""Answers kept for a while."""

from datetime import datetime
from typing import Protocol


class Cache(Protocol):
    """Values by key with a time to live; an expired one may still be served, marked stale."""

    def get(self, key: str, now: datetime) -> tuple[bytes, bool] | None:
        """Return the value and whether it is still fresh; None when it is unknown or past its stale time."""
        ...

    def put(self, key: str, value: bytes, *, now: datetime, fresh_seconds: float, stale_seconds: float) -> None:
        """Store a value: fresh for a time, then stale for a time, then gone."""
        ...

    def drop(self, key: str) -> None:
        """Forget a value."""
        ...
