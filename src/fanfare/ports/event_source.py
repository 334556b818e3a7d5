"""Who knows about events: the Discovery API."""

from datetime import datetime
from typing import Protocol

from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent


class EventSource(Protocol):
    """Reads within the source's quota."""

    def get(self, event_id: EventId) -> SourceEvent | None:
        """Return the event; None when the source does not know it.

        Raises:
            Transient: out of reach, or over quota (with the wait).
            Permanent: the key is refused.
        """
        ...

    def on_sale_between(
        self, from_at: datetime, until_at: datetime, *, country_code: str | None, page: int
    ) -> tuple[tuple[SourceEvent, ...], bool]:
        """Return one page of events whose sales open in the window, and whether there are more.

        Raises:
            Transient: out of reach, or over quota.
            Permanent: the key is refused.
        """
        ...
