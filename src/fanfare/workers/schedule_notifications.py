"""Plan every sale whose reminders come due (FLOW-3).

Arrives: a tick, every slot and after any downtime. Leaves: a release plan per sale and sender, a generation request
per sale, and the watermark moved behind them. May fail: Conflict when two schedulers meet; one of them wins.
Run 0, 1, 2 or 10 times it leaves the same rows.
Original name: notificationScheduler (plan).
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from fanfare import telemetry
from fanfare.model.channel import Sender
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import SenderName
from fanfare.model.sale import Sale
from fanfare.ports.changes import Checkpoints
from fanfare.ports.clock import Clock
from fanfare.ports.demands import Demands
from fanfare.ports.events import Events
from fanfare.ports.notifications import Notifications
from fanfare.ports.plans import Plans, ReleasePlan
from fanfare.ports.queues import Queues
from fanfare.ports.sales import Sales
from fanfare.rules import audiences, slots
from fanfare.rules import plans as planning
from fanfare.rules.policy import ReminderPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

WATERMARK = "plan"
"""Name of the checkpoint up to which ``send_at`` has been planned."""


def run(
    tick: datetime,
    *,
    sales: Sales,
    events: Events,
    demands: Demands,
    notifications: Notifications,
    plans: Plans,
    queues: Queues,
    checkpoints: Checkpoints,
    senders: Sequence[Sender],
    policy: ReminderPolicy,
    clock: Clock,
) -> int:
    """Plan the slots between the watermark and the look-ahead; return how many sales were planned."""
    former = checkpoints.get(WATERMARK)
    window = slots.to_plan(_parse(former), tick, policy)
    if window.is_empty:
        return 0
    due = sales.sending_between(window.from_at, window.until_at)

    ahead = [sale for sale in due if sale.starts_at is not None and sale.starts_at > tick]
    _tell_missed(due, tick)
    made = plan_sales(
        ahead,
        sales=sales,
        events=events,
        demands=demands,
        notifications=notifications,
        plans=plans,
        senders=senders,
        policy=policy,
        now=clock.now(),
    )

    _tell_planned(made)
    for sale in ahead:
        request = GenerationRequest(event_id=sale.event_id, sale_id=sale.sale_id)
        queues.send(QUEUE, [request.to_json()], key=request.key)
    checkpoints.move(WATERMARK, expected=former, to=window.until_at.isoformat())
    return len(ahead)


def watermark(checkpoints: Checkpoints) -> datetime | None:
    """Return the instant up to which ``send_at`` has been planned."""
    return _parse(checkpoints.get(WATERMARK))


def reach(checkpoints: Checkpoints, now: datetime, policy: ReminderPolicy) -> datetime:
    """Return the instant up to which ``send_at`` is planned, or is being planned at this moment by another process."""
    return slots.to_plan(_parse(checkpoints.get(WATERMARK)), now, policy).until_at


def plan_sales(
    due: Iterable[Sale],
    *,
    sales: Sales,
    events: Events,
    demands: Demands,
    notifications: Notifications,
    plans: Plans,
    senders: Sequence[Sender],
    policy: ReminderPolicy,
    now: datetime,
) -> tuple[ReleasePlan, ...]:
    """Plan sales together with every sale already planned that shares a sender; store and return the new plans."""
    fresh = {sale.sale_id: sale for sale in due}
    loads = [load for sale in fresh.values() for load in _loads(sale, events, demands, senders)]
    standing = [plan for plan in plans.open(now) if plan.sale_id not in fresh]
    loads += [_standing_load(plan, sales.get(plan.sale_id), notifications) for plan in standing]

    rates = {sender.name: sender.rate_per_second for sender in senders}
    made = [
        _release_plan(plan, fresh[plan.sale_id], now)
        for plan in planning.plan(loads, rates, policy, now)
        if plan.sale_id in fresh
    ]
    for plan in made:
        plans.put(plan)
    return tuple(made)


def _loads(sale: Sale, events: Events, demands: Demands, senders: Sequence[Sender]) -> Iterable[planning.SaleLoad]:
    event = events.get([sale.event_id]).get(sale.event_id)
    counts: dict[SenderName, int] = {}
    for target in audiences.targets(sale, event):
        for (brand, channel), count in demands.count(target).items():
            sender = audiences.sender_of(senders, brand, channel)
            if sender is not None:
                counts[sender.name] = counts.get(sender.name, 0) + count
    if sale.starts_at is None or sale.send_at is None:
        return ()
    return [
        planning.SaleLoad(
            sale_id=sale.sale_id, sender=name, opens_at=sale.starts_at, send_at=sale.send_at, segments=count
        )
        for name, count in counts.items()
    ]


def _standing_load(plan: ReleasePlan, sale: Sale | None, notifications: Notifications) -> planning.SaleLoad:
    """Return what is left of a sale that was planned before: everything until it is generated, then its unsent rows."""
    if sale is None or not sale.is_notifiable:
        left = 0
    elif sale.frozen_at is None:
        left = plan.segments
    else:
        left = notifications.unsent(plan.sale_id).get(plan.sender, 0)
    return planning.SaleLoad(
        sale_id=plan.sale_id, sender=plan.sender, opens_at=plan.opens_at, send_at=plan.release_at, segments=left
    )


def _release_plan(plan: planning.SalePlan, sale: Sale, now: datetime) -> ReleasePlan:
    if sale.starts_at is None:
        raise ValueError(f"sale {sale.sale_id} was planned without a start")
    return ReleasePlan(
        sale_id=plan.sale_id,
        sender=plan.sender,
        opens_at=sale.starts_at,
        revision=sale.revision,
        release_at=plan.release_at,
        segments=plan.segments,
        forecast_finish_at=plan.forecast_finish_at,
        not_reachable=plan.not_reachable,
        planned_at=now,
    )


def _tell_missed(due: Iterable[Sale], now: datetime) -> None:
    for sale in due:
        if sale.starts_at is not None and sale.starts_at <= now and sale.frozen_at is None:
            telemetry.METRICS.missed_sales.inc()
            telemetry.log(logger, Fact.SALE_MISSED, logging.ERROR, sale_id=sale.sale_id, starts_at=sale.starts_at)


def _tell_planned(made: Sequence[ReleasePlan]) -> None:
    for plan in made:
        telemetry.log(
            logger,
            Fact.SALES_PLANNED,
            sale_id=plan.sale_id,
            sender=plan.sender,
            segments=plan.segments,
            release_at=plan.release_at,
            forecast_finish_at=plan.forecast_finish_at,
        )
        if plan.not_reachable:
            telemetry.log(
                logger,
                Fact.SALE_NOT_REACHABLE,
                logging.ERROR,
                sale_id=plan.sale_id,
                sender=plan.sender,
                not_reachable=plan.not_reachable,
                opens_at=plan.opens_at,
            )


def _parse(position: str | None) -> datetime | None:
    return datetime.fromisoformat(position) if position else None
