"""What keeps a store small and provable over the months."""

from datetime import datetime
from typing import Protocol


class Upkeep(Protocol):
    """Housekeeping that loses nothing that somebody still needs."""

    def digest(self, now: datetime) -> int:
        """Write the hourly digests (range, count, key hash) of change-log hours that are over; return how many."""
        ...

    def prune(self, now: datetime) -> int:
        """Drop digested changes that every consumer has passed and that are older than 7 days; return how many."""
        ...

    def expire_keys(self, now: datetime) -> int:
        """Destroy day keys older than 30 days and key backups older than 7 days; return how many."""
        ...
