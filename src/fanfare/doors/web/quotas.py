"""How often somebody may ask: fixed windows, counted in this process, of bounded size."""

import time
from collections.abc import Callable
from dataclasses import dataclass

NAMES_MAX = 100_000
"""Names counted in one window; those beyond share one count, so that a flood of names cannot fill the memory."""
OVERFLOW = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left after one request was counted."""

    limit: int
    remaining: int
    window_seconds: int
    reset_seconds: int
    is_spent: bool
    """The request that was just counted is over the limit."""


class Quota:
    """So many requests per name and window. Use it from one thread: the event loop's."""

    def __init__(self, limit: int, window_seconds: int, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Take the limit and the length of a window; ``seconds`` only goes forward."""
        self._limit = limit
        self._window_seconds = window_seconds
        self._seconds = seconds
        self._window = 0
        self._counts: dict[str, int] = {}

    def spend(self, name: str) -> Allowance:
        """Count one request of the name."""
        window, into = divmod(self._seconds(), self._window_seconds)
        if window != self._window:
            self._window, self._counts = int(window), {}
        if name not in self._counts and len(self._counts) >= NAMES_MAX:
            name = OVERFLOW
        count = self._counts[name] = self._counts.get(name, 0) + 1
        return Allowance(
            limit=self._limit,
            remaining=max(0, self._limit - count),
            window_seconds=self._window_seconds,
            reset_seconds=max(1, round(self._window_seconds - into)),
            is_spent=count > self._limit,
        )
