"""Where events are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from fanfare.model.event import Event
from fanfare.model.ids import EventId


class Events(Protocol):
    """One row per event, written under its version."""

    def get(self, event_ids: Sequence[EventId]) -> dict[EventId, Event]:
        """Return those that are known; at most 100 ids a call."""
        ...

    def put(self, event: Event) -> None:
        """Store the event if the stored version is one less than its own (0 = absent before version 1).

        Raises:
            Conflict: somebody stored another version first.
        """
        ...

    def checked(self, event_id: EventId, at: datetime) -> None:
        """Note that the source was asked about the event at ``at``; makes no change record."""
        ...

    def to_refresh(self, checked_before: datetime, limit: int) -> tuple[EventId, ...]:
        """Return events that somebody demands, last checked before the instant, longest unchecked first."""
        ...

    def of_attraction(self, attraction_id: str) -> tuple[EventId, ...]:
        """Return the ids of the events that list the attraction."""
        ...

    def page(self, after: EventId | None, limit: int) -> tuple[Event, ...]:
        """Return events in the order of their ids."""
        ...
