"""The rate of each sender."""

from datetime import datetime
from typing import Protocol

from fanfare.model.channel import Sender


class Tokens(Protocol):
    """One bucket per sender, shared by all workers, filled at its rate up to its burst."""

    def take(self, sender: Sender, wanted: int, now: datetime) -> int:
        """Spend up to ``wanted`` tokens, as many as the bucket holds; return how many."""
        ...

    def available(self, sender: Sender, now: datetime) -> int:
        """Return how many tokens the bucket holds now, without spending any."""
        ...
