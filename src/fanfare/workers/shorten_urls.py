"""Shorten the links of events (FLOW-2, REQ-006).

Arrives: short-URL messages, in batches of 10. Leaves: the event with its short link, and the cached answer of the
event query dropped. May fail: Transient (the queue repeats it twice, then a dead letter), Permanent (dead letter at
once). An event that has a link is left alone.
Original name: shortenEventUrl.
"""

import logging
from collections.abc import Sequence

import msgspec

from fanfare import telemetry
from fanfare.model.ids import EventId
from fanfare.ports.cache import Cache
from fanfare.ports.events import Events
from fanfare.ports.faults import Permanent
from fanfare.ports.links import Shortener
from fanfare.ports.queues import QueueMessage
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

BATCH_MAX = 10
ATTEMPTS_MAX = 3
"""The first try and two retries."""


def run(batch: Sequence[QueueMessage], *, events: Events, shortener: Shortener, cache: Cache) -> None:
    """Give each event of the batch its short link."""
    known = events.get([_event_of(message) for message in batch])

    for event_id, event in known.items():
        if event.short_url or not event.url:
            continue
        events.put(event.shortened(shortener.shorten(event_id, event.url)))
        cache.drop(f"event:{event_id}")
        telemetry.log(logger, Fact.URL_SHORTENED, event_id=event_id)


def _event_of(message: QueueMessage) -> EventId:
    try:
        return msgspec.json.decode(message.body, type=_Body).id
    except msgspec.DecodeError as error:
        raise Permanent(f"short-URL message is not {{data: {{id}}, id}}: {error}") from error


class _Body(msgspec.Struct):
    id: EventId
