"""Events, as JSON in normal form under their version."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fanfare.engines.embedded import changes
from fanfare.engines.embedded.database import Database, Row, Tx, strings
from fanfare.engines.embedded.sql import statement
from fanfare.model.change import RecordType
from fanfare.model.event import Event
from fanfare.model.ids import EventId
from fanfare.model.instant import to_ms
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Conflict

_GET = statement("events.get")
_STORED = statement("events.put/stored")
_PUT = statement("events.put")
_FORGET_ATTRACTIONS = statement("events.put/forget_attractions")
_PUT_ATTRACTION = statement("events.put/attraction")
_PUT_CHECK = statement("events.put/check")
_CHECKED = statement("events.checked")
_TO_REFRESH = statement("events.to_refresh")
_OF_ATTRACTION = statement("events.of_attraction")
_PAGE = statement("events.page")


class Events:
    """The events of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in this file; changes are dated by the clock."""
        self._database = database
        self._clock = clock

    def get(self, event_ids: Sequence[EventId]) -> dict[EventId, Event]:
        """Return those that are known."""
        if not event_ids:
            return {}
        events = [_event(row) for row in self._database.rows(_GET, (strings(event_ids),))]
        return {event.event_id: event for event in events}

    def put(self, event: Event) -> None:
        """Store the event over the version before it; Conflict when that is not the stored one."""
        body = msgspec.json.encode(event)
        at_ms = to_ms(self._clock.now())
        self._database.write(lambda tx: _put(tx, event, body, at_ms))

    def checked(self, event_id: EventId, at: datetime) -> None:
        """Note when the source was asked."""
        self._database.change(_CHECKED, (event_id, to_ms(at)), durable=False)

    def to_refresh(self, checked_before: datetime, limit: int) -> tuple[EventId, ...]:
        """Return demanded events, longest unchecked first."""
        rows = self._database.rows(_TO_REFRESH, (to_ms(checked_before), limit))
        return tuple(EventId(row[0]) for row in rows)

    def of_attraction(self, attraction_id: str) -> tuple[EventId, ...]:
        """Return the ids of the events that list the attraction."""
        return tuple(EventId(row[0]) for row in self._database.rows(_OF_ATTRACTION, (attraction_id,)))

    def page(self, after: EventId | None, limit: int) -> tuple[Event, ...]:
        """Return events in the order of their ids."""
        return tuple(_event(row) for row in self._database.rows(_PAGE, (after or "", limit)))


def _put(tx: Tx, event: Event, body: bytes, at_ms: int) -> None:
    stored = tx.rows(_STORED, (event.event_id,))
    version, old_status = stored[0] if stored else (0, None)
    if version != event.version - 1:
        raise Conflict(f"event {event.event_id} has version {version}, not {event.version - 1}")
    tx.run(_PUT, (event.event_id, event.version, event.status, body))
    tx.run(_FORGET_ATTRACTIONS, (event.event_id,))
    tx.run_many(_PUT_ATTRACTION, [(each.attraction_id, event.event_id) for each in event.attractions])
    tx.run(_PUT_CHECK, (event.event_id,))
    changes.append(
        tx, RecordType.EVENT, key=event.event_id, version=event.version, states=(old_status, event.status),
        at_ms=at_ms, image=body,
    )  # fmt: skip


def _event(row: Row) -> Event:
    return msgspec.json.decode(row[0], type=Event)
