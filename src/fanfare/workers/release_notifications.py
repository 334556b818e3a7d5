"""Release due notifications at the pace that each sender allows (FLOW-5).

Arrives: a tick. Leaves: due rows moved CREATED -> TRIGGERED, at most about two seconds of each sender's rate ahead of
the sender; rows of a sale that has opened ended as EXPIRED; a generation request where rows of an older revision wait.
May fail: Transient when the store is out of reach.
The rate itself is spent by the sender, with the intent.
Original name: notificationScheduler (pace).
"""

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from fanfare import telemetry
from fanfare.model.channel import Sender
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import SaleId
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale, SaleStatus
from fanfare.ports.clock import Clock
from fanfare.ports.notifications import DueLane, Notifications
from fanfare.ports.queues import Queues
from fanfare.ports.sales import Sales
from fanfare.ports.switches import Switches
from fanfare.rules import plans as planning
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

AHEAD_SECONDS = 2.0
"""How much of a sender's rate is kept TRIGGERED: enough to keep it busy, little enough that a stop acts at once."""
CLOSE_MAX = 5000
"""Rows ended in one write."""


def run(
    tick: datetime,
    *,
    notifications: Notifications,
    sales: Sales,
    queues: Queues,
    switches: Switches,
    senders: Sequence[Sender],
    clock: Clock,
) -> int:
    """Top up every sender; return how many rows moved."""
    if switches.paused() is not None:
        return 0
    lanes = notifications.lanes(tick, max((_ahead(sender) for sender in senders), default=1))
    known = {lane.sale_id: sales.get(lane.sale_id) for lane in lanes if lane.sale_id is not None}

    now = clock.now()
    opened = {sale_id for sale_id, sale in known.items() if _has_opened(sale, now)}
    expired = sum(_expire(sale_id, notifications, now) for sale_id in opened)
    waiting = [lane for lane in lanes if lane.sale_id not in opened]
    shares = [share for sender in senders for share in _shares(sender, waiting, known, notifications)]
    released = 0
    for lane, count in shares:
        moved = notifications.trigger(lane.sender, lane.sale_id, revision=_revision(lane, known), now=now, limit=count)
        released += moved
        if moved < min(count, lane.due):
            _ask_to_replan(known.get(lane.sale_id) if lane.sale_id else None, queues)

    if released or expired:
        telemetry.log(logger, Fact.NOTIFICATIONS_RELEASED, released=released, expired=expired)
    return released + expired


def _ask_to_replan(sale: Sale | None, queues: Queues) -> None:
    """Ask generation to bring rows of an older revision up to date, or to end them.

    It did so when the sale changed; a row that was just then on its way to the provider and came back unsent is met
    here.
    """
    if sale is not None:
        request = GenerationRequest(event_id=sale.event_id, sale_id=sale.sale_id)
        queues.send(QUEUE, [request.to_json()], key=request.key)


def _ahead(sender: Sender) -> int:
    return max(1, math.ceil(sender.rate_per_second * AHEAD_SECONDS))


def _has_opened(sale: Sale | None, now: datetime) -> bool:
    """Whether a sale's hour came. One that was called off keeps its instant, and has only corrections left to send."""
    if sale is None or sale.starts_at is None or sale.status is not SaleStatus.SCHEDULED:
        return False
    return sale.starts_at <= now


def _expire(sale_id: SaleId, notifications: Notifications, now: datetime) -> int:
    closed = 0
    for kind in (MessageKind.REMINDER, MessageKind.SALE_CHANGED):
        while moved := notifications.close(sale_id, State.EXPIRED, Reason.SALE_OPENED, now, CLOSE_MAX, kind=kind):
            closed += moved
    return closed


def _shares(
    sender: Sender, waiting: Sequence[DueLane], known: Mapping[SaleId, Sale | None], notifications: Notifications
) -> list[tuple[DueLane, int]]:
    """Share the room over the sender's lanes: replies first, then the earliest opening, and nobody starved."""
    lanes = [lane for lane in waiting if lane.sender == sender.name]
    room = _ahead(sender) - notifications.triggered(sender.name, _ahead(sender)) if lanes else 0
    if room <= 0:
        return []
    shares = planning.share(room, [_lane(lane, known) for lane in lanes])
    return [(lane, count) for lane in lanes if (count := shares.get(lane.sale_id or "", 0))]


def _lane(lane: DueLane, known: Mapping[SaleId, Sale | None]) -> planning.Lane:
    sale = known.get(lane.sale_id) if lane.sale_id is not None else None
    return planning.Lane(key=lane.sale_id or "", opens_at=sale.starts_at if sale else None, due=lane.due)


def _revision(lane: DueLane, known: Mapping[SaleId, Sale | None]) -> int | None:
    sale = known.get(lane.sale_id) if lane.sale_id is not None else None
    return sale.revision if sale else None
