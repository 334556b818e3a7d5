"""Chance: the system's, and one that a seed repeats."""

import hashlib
import os
import random

from fanfare.model.ids import FanRef

FAN_REF_BITS = 63


class SystemIds:
    """Draws from the operating system."""

    def fan_ref(self) -> FanRef:
        """Return an unguessable ref, never 0."""
        return FanRef((int.from_bytes(os.urandom(8)) >> 1) or 1)

    def correlation_id(self) -> str:
        """Return 16 hex digits."""
        return os.urandom(8).hex()

    def jitter(self, key: str) -> float:  # noqa: ARG002 - a seeded source needs it
        """Return a number in [0, 1)."""
        return int.from_bytes(os.urandom(6)) / (1 << 48)


class SeededIds:
    """Draws the same again for the same seed: for demos, stories and the simulation. Never for real fans."""

    def __init__(self, seed: int) -> None:
        """Begin the series of a seed."""
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def fan_ref(self) -> FanRef:
        """Return the next ref."""
        return FanRef(self._random.randrange(1, 1 << FAN_REF_BITS))

    def correlation_id(self) -> str:
        """Return the next 16 hex digits."""
        return self._random.randbytes(8).hex()

    def jitter(self, key: str) -> float:
        """Return the number in [0, 1) of a key: the same in whatever order keys are asked for."""
        digest = hashlib.sha256(f"{self._seed}|{key}".encode()).digest()
        return int.from_bytes(digest[:6]) / (1 << 48)
