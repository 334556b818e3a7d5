"""Time as an argument."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time and elapsed time.

    The wall rules slots, ``wake_at`` and cut-offs. Deadlines of calls, leases and the sweeper run on monotonic
    seconds, because a wall clock may jump.
    """

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        ...

    def monotonic_seconds(self) -> float:
        """Return seconds on a clock that only goes forward, shared by the processes of one machine."""
        ...

    @property
    def series(self) -> str:
        """Name the monotonic series; readings of two series cannot be compared (a reboot starts a new one)."""
        ...
