"""Measures for the service targets: one pass over the rows, and counters by day."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.instant import EPOCH, MILLISECOND, to_ms
from fanfare.model.measure import LinkMeasures, RowMeasures

DROPPED_AFTER = timedelta(minutes=2)
"""How long after its cut-off a live row may wait for a tick to end it."""
P95 = 0.95

_ADD = statement("measures.add")
_COUNTED = statement("measures.counted")
_ROWS = statement("measures.rows")
_HAND_OVER = statement("measures.hand_over")
_DOUBLED_ADDRESSES = statement("measures.doubled_addresses")
_DOUBLED_RESENDS = statement("measures.doubled_resends")
_LAST_AT = statement("measures.last_at")
_LINKS = statement("measures.links")


class Measures:
    """The measures of one store."""

    def __init__(self, database: Database) -> None:
        """Measure this file."""
        self._database = database

    def add(self, counted: Mapping[str, float], at: datetime) -> None:
        """Add to the day's counters."""
        rows = [(_day(at), name, value) for name, value in sorted(counted.items())]
        if rows:
            self._database.write(lambda tx: tx.run_many(_ADD, rows), durable=False)

    def counted(self, since: datetime) -> dict[str, float]:
        """Return the counters since a day."""
        return {row[0]: row[1] for row in self._database.rows(_COUNTED, (_day(since),))}

    def rows(
        self, since: datetime, now: datetime, *, finish_before_opening: timedelta, max_early: timedelta
    ) -> RowMeasures:
        """Count the rows."""
        since_ms = to_ms(since)
        limits = (
            since_ms,
            to_ms(now),
            *(span // MILLISECOND for span in (finish_before_opening, max_early, DROPPED_AFTER)),
        )
        found = self._database.rows(_ROWS, limits)[0]
        reported, delivered, handed_over, timed, mean_ms, opened, on_time, attempted, failed, accepted, *rest = found
        due, dropped, not_reached = rest
        return RowMeasures(
            reported=reported, delivered=delivered, handed_over=handed_over,
            hand_over_p95_seconds=self._hand_over_p95(since_ms, handed_over), delivery_mean_seconds=mean_ms / 1000,
            delivery_timed=timed, openings_due=opened, on_time=on_time, attempted=attempted, failed=failed,
            accepted=accepted, duplicates=self._duplicates(since_ms), due=due, dropped=dropped,
            not_reached=not_reached,
        )  # fmt: skip

    def last_at(self) -> datetime | None:
        """Return when the newest notification was written."""
        return maybe_at(self._database.value(_LAST_AT))

    def links(self) -> LinkMeasures:
        """Count events with demand and their short links."""
        events, shortened = self._database.rows(_LINKS)[0]
        return LinkMeasures(events=events, shortened=shortened)

    def _hand_over_p95(self, since_ms: int, count: int) -> float | None:
        if not count:
            return None
        rank = min(count - 1, int(count * P95))
        milliseconds: int | None = self._database.value(_HAND_OVER, (since_ms, rank))
        return None if milliseconds is None else milliseconds / 1000

    def _duplicates(self, since_ms: int) -> int:
        by_address: int = self._database.value(_DOUBLED_ADDRESSES, (since_ms,))
        by_resend: int = self._database.value(_DOUBLED_RESENDS, (since_ms,))
        return by_address + by_resend


def _day(at: datetime) -> int:
    return (at - EPOCH).days
