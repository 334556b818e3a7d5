"""A wall that stands still and seconds that run."""

import time
from datetime import UTC, datetime

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)


class RealClock:
    """The wall clock shows one instant, so that dates can be compared; elapsed time is the machine's."""

    @property
    def series(self) -> str:
        return "test"

    def now(self) -> datetime:
        return NOON

    def monotonic_seconds(self) -> float:
        return time.monotonic()
