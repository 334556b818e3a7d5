"""Withdraw what fans asked for, without an opt-out: they may ask again at any time.

Arrives: fan ids, and which of their demands: of an event, a brand, a channel, or all. Leaves: the demands inactive, and
the reminders that no remaining demand asks for ended as CANCELLED(withdrawn). May fail: Conflict, Transient; repeating
it changes nothing. A fan whom nobody knows is passed over.
Original name: none.
"""

from collections.abc import Iterable, Sequence

from fanfare.model.channel import Channel
from fanfare.model.demand import Demand
from fanfare.model.ids import EventId, FanId
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Notification, Reason, State
from fanfare.model.sale import Sale
from fanfare.ports.clock import Clock
from fanfare.ports.demands import Demands
from fanfare.ports.events import Events
from fanfare.ports.notifications import Notifications, Transitions
from fanfare.ports.sales import Sales
from fanfare.rules import audiences

WAITING = frozenset({State.CREATED, State.TRIGGERED})


def run(
    batch: Sequence[FanId],
    *,
    event_id: str | None,
    brand: str | None,
    channel: Channel | None,
    demands: Demands,
    sales: Sales,
    events: Events,
    notifications: Notifications,
    clock: Clock,
) -> int:
    """Withdraw the matching demands of each fan; return how many there were."""
    target = f"event:{event_id}" if event_id is not None else None
    withdrawn = 0
    for fan_ref in demands.fan_refs(batch).values():
        named = [each for each in demands.of_fan(fan_ref) if event_id is None or each.event_id == event_id]

        withdrawn += demands.withdraw(fan_ref, at=clock.now(), target=target, brand=brand, channel=channel)

        remaining = tuple(each for each in demands.of_fan(fan_ref) if each.active)
        for sale in _sales(named, sales, events):
            kept = _channels_asked(sale, remaining, events)
            rows = [row for row in notifications.of_sale_fan(sale.sale_id, fan_ref) if _is_waiting(row, kept)]
            if rows:
                notifications.move(_cancelled(rows, to_ms(clock.now())))
    return withdrawn


def _sales(named: Iterable[Demand], sales: Sales, events: Events) -> list[Sale]:
    """Return the sales that the demands may have been told of."""
    ids: dict[EventId, None] = {}
    for demand in named:
        if demand.event_id is not None:
            ids[demand.event_id] = None
        elif demand.attraction_id is not None:
            ids.update(dict.fromkeys(events.of_attraction(demand.attraction_id)))
    return [sale for event_id in ids for sale in sales.of_event(event_id)]


def _channels_asked(sale: Sale, remaining: Sequence[Demand], events: Events) -> frozenset[Channel]:
    """Return the channels on which another demand still asks for the sale."""
    targets = audiences.targets(sale, events.get([sale.event_id]).get(sale.event_id))
    return frozenset(
        each.channel for each in remaining if each.target in targets and each.sale_id in {None, sale.sale_id}
    )


def _is_waiting(row: Notification, kept: frozenset[Channel]) -> bool:
    return row.state in WAITING and row.kind is MessageKind.REMINDER and row.channel not in kept


def _cancelled(rows: Sequence[Notification], at_ms: int) -> Transitions:
    count = len(rows)
    return Transitions(
        ids=[row.notification_id for row in rows],
        versions=[row.version for row in rows],
        old_states=[row.state for row in rows],
        new_states=[State.CANCELLED] * count,
        reasons=[Reason.WITHDRAWN] * count,
        wake_ms=[None] * count,
        at_ms=at_ms,
    )
