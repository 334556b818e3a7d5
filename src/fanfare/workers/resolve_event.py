"""Answer ``eventDetails(eventId)`` (FLOW-8): cached, else from the source, else stale and marked.

Arrives: an event id. Leaves: the event in normal form with where the answer came from; the cache filled. May fail:
Permanent when the source refuses our key and nothing is cached; Transient when it is down and nothing is cached.
Original name: eventDetails.
"""

from dataclasses import dataclass

import msgspec

from fanfare.model.answer import AnswerSource
from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent
from fanfare.ports.cache import Cache
from fanfare.ports.clock import Clock
from fanfare.ports.event_source import EventSource
from fanfare.ports.faults import Transient

STALE_SECONDS = 7 * 86400.0
"""How long an answer may still be served while the source is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAnswer:
    """An event, and how fresh it is."""

    event: SourceEvent | None
    """None when the source does not know the id."""
    source: AnswerSource


def run(event_id: EventId, *, cache: Cache, source: EventSource, clock: Clock, fresh_seconds: float) -> EventAnswer:
    """Return the event: from the cache while it is fresh, else from the source, else the stale answer."""
    key = f"event:{event_id}"
    now = clock.now()
    kept = cache.get(key, now)
    if kept is not None and kept[1]:
        return EventAnswer(event=_decode(kept[0]), source=AnswerSource.CACHE)

    try:
        found = source.get(event_id)
    except Transient:
        if kept is None:
            raise
        return EventAnswer(event=_decode(kept[0]), source=AnswerSource.STALE)

    cache.put(key, msgspec.json.encode(found), now=now, fresh_seconds=fresh_seconds, stale_seconds=STALE_SECONDS)
    return EventAnswer(event=found, source=AnswerSource.SOURCE)


def _decode(value: bytes) -> SourceEvent | None:
    return msgspec.json.decode(value, type=SourceEvent | None)
