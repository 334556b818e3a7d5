"""Answers kept for a while, in a table that all processes share."""

from datetime import datetime

from fanfare.engines.embedded.database import Database, Tx
from fanfare.engines.embedded.sql import statement
from fanfare.model.instant import to_ms

_GET = statement("cache.get")
_PUT = statement("cache.put")
_SWEEP = statement("cache.put/sweep")
_DROP = statement("cache.drop")


class Cache:
    """The cached answers of one store."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def get(self, key: str, now: datetime) -> tuple[bytes, bool] | None:
        """Return the value and whether it is still fresh."""
        row = self._database.row(_GET, (key, to_ms(now)))
        return (row[0], bool(row[1])) if row else None

    def put(self, key: str, value: bytes, *, now: datetime, fresh_seconds: float, stale_seconds: float) -> None:
        """Store a value: fresh for a time, then stale for a time, then gone."""
        now_ms = to_ms(now)
        fresh_to_ms = now_ms + round(fresh_seconds * 1000)
        stale_to_ms = fresh_to_ms + round(stale_seconds * 1000)

        def work(tx: Tx) -> None:
            tx.run(_SWEEP, (now_ms,))
            tx.run(_PUT, (key, value, fresh_to_ms, stale_to_ms))

        self._database.write(work, durable=False)

    def drop(self, key: str) -> None:
        """Forget a value."""
        self._database.change(_DROP, (key,), durable=False)
