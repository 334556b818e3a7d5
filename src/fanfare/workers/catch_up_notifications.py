"""Start generation at once for what planning's watermark has already passed.

Arrives: changes of sales and demands. Leaves: generation requests for a sale that appeared or moved behind the
watermark while its start lies ahead, for one that was cancelled or lost its date, and for single fans who opted in
after generation (FLOW-5). May fail: Transient when the queue is out of reach.
Original name: notificationScheduler (late sale or demand).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from fanfare.model.change import Change, RecordType
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import EventId, FanRef, SaleId
from fanfare.model.sale import Sale, SaleStatus
from fanfare.ports.clock import Clock
from fanfare.ports.events import Events
from fanfare.ports.queues import Queues
from fanfare.ports.sales import Sales

SalesOf = Callable[[EventId], tuple[Sale, ...]]


def run(
    batch: Sequence[Change],
    *,
    sales: Sales,
    events: Events,
    planned_until: datetime,
    queues: Queues,
    clock: Clock,
) -> int:
    """Ask for generation where it cannot wait for the next tick; return how many requests were made.

    ``planned_until`` is where planning has come to, or may be coming to right now: what lies before it may have been
    stored after planning looked, and a request too many changes nothing.
    """
    now = clock.now()
    known: dict[EventId, tuple[Sale, ...]] = {}

    def sales_of(event_id: EventId) -> tuple[Sale, ...]:
        if event_id not in known:
            known[event_id] = sales.of_event(event_id)
        return known[event_id]

    sale_requests = dict.fromkeys(_late_sales(batch, sales, planned_until, now))
    fan_requests = dict.fromkeys(_late_fans(batch, sales_of, events, now))

    requests = [*sale_requests, *fan_requests]
    for request in requests:
        queues.send(QUEUE, [request.to_json()], key=request.key)
    return len(requests)


def _late_sales(
    batch: Iterable[Change], sales: Sales, planned_until: datetime, now: datetime
) -> Iterable[GenerationRequest]:
    for key in dict.fromkeys(change.key for change in batch if change.record_type is RecordType.SALE):
        sale = sales.get(SaleId(key))
        if sale is not None and _cannot_wait(sale, planned_until, now):
            yield GenerationRequest(event_id=sale.event_id, sale_id=sale.sale_id)


def _cannot_wait(sale: Sale, planned_until: datetime, now: datetime) -> bool:
    if sale.frozen_at is not None and (sale.status is not SaleStatus.SCHEDULED or sale.suppressed):
        return True
    if not sale.is_notifiable or sale.starts_at is None or sale.send_at is None:
        return False
    if sale.frozen_at is None:
        return sale.send_at < planned_until and sale.starts_at > now
    return sale.revision > 1


def _late_fans(
    batch: Iterable[Change], sales_of: SalesOf, events: Events, now: datetime
) -> Iterable[GenerationRequest]:
    for change in batch:
        if change.record_type is not RecordType.DEMAND:
            continue
        demand = msgspec.json.decode(change.image, type=_DemandImage)
        if not demand.active:
            continue
        for event_id in _events_of(demand, events):
            for sale in sales_of(event_id):
                if _is_late(sale, demand, now):
                    yield GenerationRequest(event_id=event_id, sale_id=sale.sale_id, fan_ref=demand.fan_ref)


def _events_of(demand: "_DemandImage", events: Events) -> tuple[EventId, ...]:
    if demand.event_id is not None:
        return (demand.event_id,)
    return events.of_attraction(demand.attraction_id) if demand.attraction_id else ()


def _is_late(sale: Sale, demand: "_DemandImage", now: datetime) -> bool:
    wanted = demand.sale_id is None or demand.sale_id == sale.sale_id
    is_open = sale.starts_at is not None and sale.starts_at > now
    return wanted and is_open and sale.is_notifiable and sale.frozen_at is not None


class _DemandImage(msgspec.Struct):
    fan_ref: FanRef
    event_id: EventId | None = None
    attraction_id: str | None = None
    sale_id: SaleId | None = None
    active: bool = True
