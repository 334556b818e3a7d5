"""Randomness as an argument."""

from typing import Protocol

from fanfare.model.ids import FanRef


class Ids(Protocol):
    """Source of everything that is drawn at random."""

    def fan_ref(self) -> FanRef:
        """Return an unguessable 63-bit stand-in for a new fan."""
        ...

    def correlation_id(self) -> str:
        """Return a short id that ties log lines together."""
        ...

    def jitter(self, key: str) -> float:
        """Return a number in [0, 1) for spreading retries; a seeded source gives one key the same number always."""
        ...
