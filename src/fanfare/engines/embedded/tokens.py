"""Token buckets, persisted, so that a restart and a second process share the rate."""

from datetime import datetime
from math import floor

from fanfare.engines.embedded.database import Database, Tx
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Sender
from fanfare.model.instant import to_ms

CLOCK_STEP_MS = 60_000
"""A clock this far behind the last refill was set back; less is two processes that looked at almost one instant."""

_BUCKET = statement("tokens.bucket")
_TAKE = statement("tokens.take")


class Tokens:
    """The buckets of one store. A new one is full."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def take(self, sender: Sender, wanted: int, now: datetime) -> int:
        """Spend up to ``wanted`` tokens, as many as the bucket holds; return how many."""

        def work(tx: Tx) -> int:
            stored = tx.rows(_BUCKET, (sender.name,))
            held, refilled_ms = _refilled(sender, stored[0] if stored else None, to_ms(now))
            taken = max(0, min(wanted, floor(held)))
            tx.run(_TAKE, (sender.name, held - taken, refilled_ms))
            return taken

        return self._database.write(work, durable=False)

    def available(self, sender: Sender, now: datetime) -> int:
        """Return how many tokens the bucket holds now, without spending any."""
        held, _ = _refilled(sender, self._database.row(_BUCKET, (sender.name,)), to_ms(now))
        return max(0, floor(held))


def _refilled(sender: Sender, stored: tuple[float, int] | None, now_ms: int) -> tuple[float, int]:
    """Return what the bucket holds now and up to when it is filled: never above the burst, never for time past."""
    if stored is None:
        return float(sender.burst), now_ms
    held, refilled_ms = stored
    elapsed_ms = now_ms - refilled_ms
    if elapsed_ms < 0:
        return min(held, float(sender.burst)), now_ms if elapsed_ms < -CLOCK_STEP_MS else refilled_ms
    return min(float(sender.burst), held + elapsed_ms / 1000 * sender.rate_per_second), now_ms
