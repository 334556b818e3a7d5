"""The on-sale calendar: what the source says of an event, laid over the sales that are stored.

The source wins over what is stored, except that a sale which opened stays opened. Reconciling the same answer twice
changes nothing, and neither does the order of its list.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from fanfare.model.event import Event, EventStatus
from fanfare.model.offer import Offer, SourceEvent
from fanfare.model.sale import Sale, SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.rules import sale_identity, sale_kinds, slots, suppression
from fanfare.rules.policy import ReminderPolicy

NO_OFFER = Offer(name="", starts_at=None)
"""Stands for a public sale that the source does not list: some events carry no sales at all."""


@dataclass(frozen=True, slots=True)
class New:
    """A sale seen for the first time, at version 1."""

    sale: Sale


@dataclass(frozen=True, slots=True)
class Moved:
    """A sale that opens at another instant, has lost its instant, or opens after all; one revision on."""

    before: Sale
    after: Sale


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A sale that will not open; one revision on."""

    sale: Sale


@dataclass(frozen=True, slots=True)
class Updated:
    """A sale of which something changed that no fan was told (name, kind, end, suppression); same revision."""

    sale: Sale


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A sale as it was stored."""

    sale: Sale


SaleDecision = New | Moved | Cancelled | Updated | Unchanged


def reconcile(
    source: SourceEvent, stored: tuple[Sale, ...], *, policy: ReminderPolicy, now: datetime
) -> tuple[SaleDecision, ...]:
    """Return what becomes of every sale of the event, the public one first, presales in the order of their ids.

    A cancelled event cancels all sales that have not opened; a postponed or rescheduled one keeps them, and moves none
    by itself. A presale that the source no longer lists is cancelled unless it opened. Of a changed sale the version
    is one more than the stored one's, ready to be put.
    """
    event = source.event
    view = _View(
        event=event,
        policy=policy,
        now=now,
        public_starts_at=sale_identity.start_of(source.public or NO_OFFER),
    )
    presales = (sale for sale in stored if sale.kind is not SaleKind.PUBLIC)
    pairs = (
        sale_identity.Pair(
            sale_id=sale_identity.public_id(event.event_id),
            stored=next((sale for sale in stored if sale.kind is SaleKind.PUBLIC), None),
            offer=source.public or NO_OFFER,
        ),
        *sale_identity.pair(event.event_id, source.presales, presales, now),
    )
    return tuple(_decide(pair, view) for pair in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    event: Event
    policy: ReminderPolicy
    now: datetime
    public_starts_at: datetime | None

    @property
    def is_cancelled(self) -> bool:
        return self.event.status is EventStatus.CANCELLED


def _decide(pair: sale_identity.Pair, view: _View) -> SaleDecision:
    if pair.stored is None:
        blank = Sale(
            sale_id=pair.sale_id,
            event_id=view.event.event_id,
            kind=SaleKind.OTHER,
            name="",
            status=SaleStatus.UNSCHEDULED,
            starts_at=None,
        )
        sale = _laid_over(blank, pair, view)
        return New(replace(sale, revision=1, version=1))
    return _compared(pair.stored, _laid_over(pair.stored, pair, view))


def _compared(before: Sale, after: Sale) -> SaleDecision:
    if after == before:
        return Unchanged(before)
    is_told_otherwise = (after.starts_at, after.status is SaleStatus.CANCELLED) != (
        before.starts_at,
        before.status is SaleStatus.CANCELLED,
    )
    after = replace(after, version=before.version + 1, revision=before.revision + is_told_otherwise)
    if not is_told_otherwise:
        return Updated(after)
    return Cancelled(after) if after.status is SaleStatus.CANCELLED else Moved(before, after)


def _laid_over(before: Sale, pair: sale_identity.Pair, view: _View) -> Sale:
    """Return the sale as it is now; revision and version still as they were."""
    if pair.offer is None:
        return before if sale_identity.has_opened(before, view.now) else _called_off(before)
    sale = _timed(
        _named(before, pair.offer, is_public=pair.sale_id == sale_identity.public_id(view.event.event_id)),
        pair.offer,
        view,
    )
    if view.is_cancelled and not sale_identity.has_opened(sale, view.now):
        sale = _called_off(sale)
    return _judged(sale, view)


def _called_off(sale: Sale) -> Sale:
    return replace(sale, status=SaleStatus.CANCELLED)


def _named(sale: Sale, offer: Offer, *, is_public: bool) -> Sale:
    kind = SaleKind.PUBLIC if is_public else sale_kinds.kind_of(offer.name)
    return replace(sale, kind=kind, name="" if is_public else offer.name, ends_at=offer.ends_at)


def _timed(sale: Sale, offer: Offer, view: _View) -> Sale:
    start = sale_identity.start_of(offer)
    if start is None:
        return (
            sale if sale_identity.has_opened(sale, view.now) else _unscheduled(sale, sale_identity.why_unknown(offer))
        )
    if start <= view.now and sale.status is not SaleStatus.SCHEDULED:
        # Reminding began too late for it. A cancelled one stays cancelled: its hour passed without it.
        is_over = sale.status is SaleStatus.CANCELLED
        return sale if is_over else _unscheduled(sale, UnscheduledReason.ALREADY_OPEN)
    return replace(
        sale,
        status=SaleStatus.SCHEDULED,
        starts_at=start,
        send_at=slots.send_at(start, sale.kind, view.policy),
        unscheduled=None,
    )


def _unscheduled(sale: Sale, why: UnscheduledReason | None) -> Sale:
    return replace(sale, status=SaleStatus.UNSCHEDULED, starts_at=None, send_at=None, unscheduled=why)


def _judged(sale: Sale, view: _View) -> Sale:
    if sale.suppressed is SuppressionReason.BY_OPERATOR:
        return sale  # an operator's word outlives every import
    why = suppression.reason(view.event, sale, view.policy, public_starts_at=view.public_starts_at)
    return replace(sale, suppressed=why)
