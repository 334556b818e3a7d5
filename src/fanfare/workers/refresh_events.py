"""Keep events with demand true to their source (FLOW-10).

Arrives: a tick. Leaves: the longest unchecked events asked for again, stored, and their sales re-planned where they
moved. Works within the source's quota: over it, it stops and goes on at the next tick. An event that the source
refuses or garbles is told and passed over. May fail: Conflict when two writers meet.
Original name: none.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from fanfare import telemetry
from fanfare.model.offer import SourceEvent
from fanfare.ports.event_source import EventSource
from fanfare.ports.events import Events
from fanfare.ports.faults import Permanent, Transient
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

BATCH_MAX = 20
"""Events asked for in one tick: four seconds of the source's quota of five a second."""


def run(
    tick: datetime,
    *,
    events: Events,
    source: EventSource,
    store: Callable[[Sequence[SourceEvent]], object],
    refresh_minutes: int,
) -> int:
    """Refresh events that were not checked for a while, by ``store``; return how many were asked for."""
    due = events.to_refresh(tick - timedelta(minutes=refresh_minutes), BATCH_MAX)

    fetched: list[SourceEvent] = []
    for event_id in due:
        try:
            found = source.get(event_id)
        except Transient as fault:
            telemetry.log(
                logger,
                Fact.EVENT_REFRESH_FAILED,
                logging.WARNING,
                event_id=event_id,
                reason=fault.reason,
                retry_after_seconds=fault.retry_after_seconds,
            )
            break
        except Permanent as fault:
            # Asked again only when its turn comes: an event that cannot be read must not hold up the others.
            telemetry.log(logger, Fact.EVENT_REFRESH_FAILED, logging.ERROR, event_id=event_id, reason=fault.reason)
            events.checked(event_id, tick)
            continue
        if found is None:
            telemetry.log(logger, Fact.EVENT_GONE, logging.WARNING, event_id=event_id)
            events.checked(event_id, tick)
        else:
            fetched.append(found)

    for item in fetched:
        store([item])
    return len(fetched)
