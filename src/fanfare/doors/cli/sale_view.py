"""What is shown of a sale: its row in the calendar, its funnel, its plans and how they will end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanfare.doors.cli import screen
from fanfare.doors.cli.opening import Opened
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import SenderName
from fanfare.model.sale import Sale
from fanfare.ports.plans import ReleasePlan
from fanfare.rules import plans as planning
from fanfare.rules.plans import Backlog, Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRow:
    """One sale of the calendar."""

    sale_id: str
    event: str
    kind: str
    name: str
    status: str
    starts_at: datetime | None
    send_at: datetime | None
    unscheduled: str | None
    suppressed: str | None
    revision: int
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderView:
    """The sale on one sender."""

    sender: str
    release_at: datetime
    segments: int
    unsent: int
    not_reachable: int
    """As told at planning."""
    planned_finish_at: datetime | None
    forecast_finish_at: datetime | None
    """From what is unsent now."""
    forecast_not_reachable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleView:
    """One sale with everything about it."""

    sale: SaleRow
    rows: int
    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    accepted: int
    late: int
    senders: tuple[SenderView, ...]
    clicks: int
    """On the event's own short links."""


def row(sale: Sale, engine: EmbeddedEngine) -> SaleRow:
    """Return a sale as the calendar shows it."""
    event = engine.events.get([sale.event_id]).get(sale.event_id)
    return SaleRow(
        sale_id=sale.sale_id,
        event=event.name if event else "",
        kind=sale.kind.value,
        name=sale.name,
        status=sale.status.value,
        starts_at=sale.starts_at,
        send_at=sale.send_at,
        unscheduled=sale.unscheduled.value if sale.unscheduled else None,
        suppressed=sale.suppressed.value if sale.suppressed else None,
        revision=sale.revision,
        frozen_at=sale.frozen_at,
    )


def view(sale: Sale, here: Opened) -> SaleView:
    """Return everything about a sale."""
    engine = here.engine
    totals = engine.notifications.totals(sale.sale_id)
    return SaleView(
        sale=row(sale, engine),
        rows=sum(totals.by_state.values()),
        by_state=totals.by_state,
        by_reason=totals.by_reason,
        accepted=totals.accepted,
        late=totals.late,
        senders=tuple(_sender(plan, here) for plan in engine.plans.of_sale(sale.sale_id)),
        clicks=engine.redirects.clicks(sale.event_id),
    )


def tell_rows(rows: Sequence[SaleRow]) -> None:
    """Write sales as a table."""
    if not rows:
        screen.line("no sales (what has opened is listed with --event only)")
        return
    columns = ("sale", "event", "kind", "opens", "reminders at", "status", "why not")
    screen.table(
        columns,
        [(r.sale_id, r.event, r.kind, r.starts_at, r.send_at, r.status, r.suppressed or r.unscheduled) for r in rows],
    )


def tell(found: SaleView) -> None:
    """Write one sale."""
    tell_rows([found.sale])
    screen.line()
    screen.facts(
        {
            "notifications": found.rows,
            "by state": screen.counts(found.by_state),
            "by reason": screen.counts(found.by_reason),
            "accepted": found.accepted,
            "late opt-ins": found.late,
            "clicks": found.clicks,
        }
    )
    if found.senders:
        screen.line()
        columns = ("sender", "release", "segments", "unsent", "planned finish", "forecast finish", "not reachable")
        screen.table(
            columns,
            [
                (s.sender, s.release_at, s.segments, s.unsent, s.planned_finish_at, s.forecast_finish_at,
                 max(s.not_reachable, s.forecast_not_reachable))
                for s in found.senders
            ],
        )  # fmt: skip


def _sender(plan: ReleasePlan, here: Opened) -> SenderView:
    unsent = here.engine.notifications.unsent(plan.sale_id).get(plan.sender, 0)
    forecast = _forecast(plan, here)
    return SenderView(
        sender=plan.sender,
        release_at=plan.release_at,
        segments=plan.segments,
        unsent=unsent,
        not_reachable=plan.not_reachable,
        planned_finish_at=plan.forecast_finish_at,
        forecast_finish_at=forecast.finish_at if forecast else None,
        forecast_not_reachable=forecast.not_reachable if forecast else 0,
    )


def _forecast(plan: ReleasePlan, here: Opened) -> Forecast | None:
    """Return how far the sale gets beside the other released sales of its sender; None before its release."""
    now = here.now
    rate = _rates(here).get(plan.sender)
    if rate is None or not plan.release_at <= now < plan.opens_at:
        return None
    released = [other for other in here.engine.plans.open(now) if _shares(other, plan) and other.release_at <= now]
    return planning.forecast([_backlog(other, here) for other in released], rate, now).get(plan.sale_id)


def _shares(one: ReleasePlan, other: ReleasePlan) -> bool:
    return one.sender == other.sender


def _backlog(plan: ReleasePlan, here: Opened) -> Backlog:
    unsent = here.engine.notifications.unsent(plan.sale_id).get(plan.sender, 0)
    return Backlog(sale_id=plan.sale_id, opens_at=plan.opens_at, segments=unsent)


def _rates(here: Opened) -> dict[SenderName, float]:
    return {SenderName(each.name): each.rate_per_second for each in here.settings.senders}
