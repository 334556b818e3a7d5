"""The machine's clocks, and one that is moved by hand."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SERIES_CHARS = 8
"""Every attempt's row carries it; eight hex digits tell one boot from another."""


class SystemClock:
    """The wall clock, and the seconds since boot, which count sleep too and are shared by all processes."""

    def __init__(self) -> None:
        """Read the boot's id; where the system tells none, this process has a series of its own."""
        boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else os.urandom(8).hex()
        self._series = boot_id[:SERIES_CHARS]
        self._monotonic = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)

    def monotonic_seconds(self) -> float:
        """Return seconds since boot."""
        return time.clock_gettime(self._monotonic)

    @property
    def series(self) -> str:
        """Name this boot."""
        return self._series


class SteppedClock:
    """Stands still until it is moved, and then moves forward only; monotonic seconds move with it."""

    def __init__(self, start: datetime, *, series: str = "stepped") -> None:
        """Begin at an aware instant."""
        self._start = self._now = start
        self._series = series

    def now(self) -> datetime:
        """Return the instant it was moved to."""
        return self._now

    def monotonic_seconds(self) -> float:
        """Return the seconds it was moved by in all."""
        return (self._now - self._start).total_seconds()

    @property
    def series(self) -> str:
        """Name this clock."""
        return self._series

    def advance_to(self, instant: datetime) -> None:
        """Move to an instant; one that lies behind changes nothing."""
        self._now = max(self._now, instant)

    def advance(self, *, seconds: float) -> None:
        """Move by some seconds."""
        self.advance_to(self._now + timedelta(seconds=seconds))


def process_seconds() -> float:
    """Return seconds that pass whatever a stepped clock shows: for how long a cached answer may be trusted."""
    return time.monotonic()
