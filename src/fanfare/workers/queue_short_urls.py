"""Queue events that still lack a short link (FLOW-1).

Arrives: changes of demands and events. Leaves: ``{"data": {"id": ...}, "id": ...}`` on the short-URL queue, one per
event. May fail: Transient when the queue is out of reach.
Original name: demandStreamToSqs.
"""

from collections.abc import Sequence

import msgspec

from fanfare.model.change import Change, RecordType
from fanfare.model.ids import EventId
from fanfare.ports.events import Events
from fanfare.ports.queues import Queues

QUEUE = "short_urls"
LOOK_UP_MAX = 100
"""Events asked for in one call of the port."""


def run(batch: Sequence[Change], *, events: Events, queues: Queues) -> int:
    """Queue each event of the batch once, if it has an address and no short link; return how many."""
    named = dict.fromkeys(event_id for change in batch if (event_id := _event_of(change)))

    wanting: list[EventId] = []
    ids = list(named)
    for start in range(0, len(ids), LOOK_UP_MAX):
        found = events.get(ids[start : start + LOOK_UP_MAX])
        wanting += [event_id for event_id, event in found.items() if event.url and not event.short_url]

    for event_id in wanting:
        body = msgspec.json.encode({"data": {"id": event_id}, "id": event_id}).decode()
        queues.send(QUEUE, [body], key=event_id)
    return len(wanting)


def _event_of(change: Change) -> EventId | None:
    if change.record_type is RecordType.EVENT:
        return EventId(change.key)
    if change.record_type is RecordType.DEMAND:
        return msgspec.json.decode(change.image, type=_DemandImage).event_id
    return None


class _DemandImage(msgspec.Struct):
    event_id: EventId | None = None
