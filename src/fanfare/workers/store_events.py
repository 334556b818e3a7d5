"""Store what the source says of events, and keep the sale calendar true.

Arrives: events with their offers, from a file, a refresh or a query. Leaves: the event, its sales, and with them the
changes that wake generation. May fail: Conflict when two writers meet; the runner repeats.
Original name: part of demandStreamToSqs's upstream (Discovery import).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fanfare import telemetry
from fanfare.model.event import Event
from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent
from fanfare.ports.clock import Clock
from fanfare.ports.events import Events
from fanfare.ports.sales import Sales
from fanfare.rules import sale_calendar
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.sale_calendar import SaleDecision
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """What storing one event did."""

    event_id: EventId
    changed: bool
    decisions: tuple[SaleDecision, ...]


def run(
    batch: Sequence[SourceEvent], *, events: Events, sales: Sales, policy: ReminderPolicy, clock: Clock
) -> tuple[StoredEvent, ...]:
    """Store each event and its sales; an equal one changes nothing."""
    now = clock.now()
    known = events.get([item.event.event_id for item in batch])

    stored: list[StoredEvent] = []
    for item in batch:
        before = known.get(item.event.event_id)
        decisions = sale_calendar.reconcile(item, sales.of_event(item.event.event_id), policy=policy, now=now)
        changed = _store_event(item.event, before, events, now)
        written = _store_sales(decisions, sales)
        if changed or written:
            telemetry.log(logger, Fact.EVENT_STORED, event_id=item.event.event_id, sales=written)
        stored.append(StoredEvent(event_id=item.event.event_id, changed=changed, decisions=decisions))
    return tuple(stored)


def _store_event(event: Event, before: Event | None, events: Events, now: datetime) -> bool:
    """Put the event unless it equals the stored one; a short link that we made stays while the address does."""
    same_address = before is not None and before.url == event.url
    version = before.version if before else 0
    fresh = replace(event, short_url=before.short_url if before and same_address else None, version=version)
    changed = fresh != before
    if changed:
        events.put(replace(fresh, version=version + 1))
    events.checked(event.event_id, now)
    return changed


def _store_sales(decisions: Sequence[SaleDecision], sales: Sales) -> int:
    """Put the sales that changed; return how many."""
    changed = [decision for decision in decisions if not isinstance(decision, sale_calendar.Unchanged)]
    for decision in changed:
        sales.put(decision.after if isinstance(decision, sale_calendar.Moved) else decision.sale)
    return len(changed)
