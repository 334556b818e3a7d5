"""Silence a sale at an operator's word, or take the word back (``fanfare sale suppress``, /v1/sales/{id}/suppress).

Arrives: a sale's id. Leaves: the sale, whose change makes generation end the rows that wait or write them. May fail:
Conflict when two writers meet; the caller repeats. Repeating it changes nothing.
Original name: none.
"""

from dataclasses import replace

from fanfare.model.ids import SaleId
from fanfare.model.sale import Sale, SaleKind, SuppressionReason
from fanfare.ports.events import Events
from fanfare.ports.sales import Sales
from fanfare.rules import suppression
from fanfare.rules.policy import ReminderPolicy


def suppress(sale_id: SaleId, *, sales: Sales) -> Sale | None:
    """Stop the reminders of a sale; return it, None where there is no such sale."""
    sale = sales.get(sale_id)
    return None if sale is None else _put(sale, SuppressionReason.BY_OPERATOR, sales)


def unsuppress(sale_id: SaleId, *, sales: Sales, events: Events, policy: ReminderPolicy) -> Sale | None:
    """Take an operator's word back and judge the sale by the policy; return it, None where there is no such sale."""
    sale = sales.get(sale_id)
    event = events.get([sale.event_id]).get(sale.event_id) if sale else None
    if sale is None or event is None or sale.suppressed is not SuppressionReason.BY_OPERATOR:
        return sale

    public = next((one for one in sales.of_event(sale.event_id) if one.kind is SaleKind.PUBLIC), None)
    reason = suppression.reason(event, sale, policy, public_starts_at=public.starts_at if public else None)

    return _put(sale, reason, sales)


def _put(sale: Sale, reason: SuppressionReason | None, sales: Sales) -> Sale:
    if sale.suppressed is reason:
        return sale
    judged = replace(sale, suppressed=reason, version=sale.version + 1)
    sales.put(judged)
    return judged
