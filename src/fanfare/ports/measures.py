"""What the service targets are measured from: rows, and counters that outlive a process."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from fanfare.model.measure import LinkMeasures, RowMeasures


class Measures(Protocol):
    """Reads and counters for the targets. A lost addition makes a target a little wrong, and nothing else."""

    def add(self, counted: Mapping[str, float], at: datetime) -> None:
        """Add to the counters of the day (UTC) of the instant."""
        ...

    def counted(self, since: datetime) -> dict[str, float]:
        """Return the counters summed over the days from the day of ``since`` on."""
        ...

    def rows(
        self, since: datetime, now: datetime, *, finish_before_opening: timedelta, max_early: timedelta
    ) -> RowMeasures:
        """Count the rows written since an instant, as they stand now."""
        ...

    def last_at(self) -> datetime | None:
        """Return when the newest notification was written; None without any."""
        ...

    def links(self) -> LinkMeasures:
        """Count the events that somebody demands, and those of them that have a short link."""
        ...
