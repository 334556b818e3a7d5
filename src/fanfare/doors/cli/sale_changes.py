"""What an operator may change of a sale."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened
from fanfare.model.sale import Sale, SaleKind, SuppressionReason
from fanfare.ports.faults import Conflict
from fanfare.ports.sales import Sales
from fanfare.rules import slots, suppression
from fanfare.rules.policy import ReminderPolicy
from fanfare.topology import World

ATTEMPTS_MAX = 3

SaleChange = Callable[[Sale, Opened], Sale]


def put(before: Sale, change: Callable[[Sale], Sale], sales: Sales) -> Sale:
    """Store a changed sale; where somebody else changed it first, change what they left."""
    found = before
    for attempt in range(1, ATTEMPTS_MAX + 1):
        after = change(found)
        if after == found:
            return found
        try:
            sales.put(after)
        except Conflict:
            if attempt == ATTEMPTS_MAX:
                raise
            found = sales.get(before.sale_id) or before
        else:
            return after
    return found


def moved(
    sale: Sale, starts_at: datetime | None, lead: timedelta | None, policy: ReminderPolicy, now: datetime
) -> Sale:
    """Return the sale at another opening or with another lead, as a new revision.

    Raises:
        CommandError: it would open in the past, or has no opening that a lead could be taken from.
    """
    opens_at = (starts_at or sale.starts_at) and (starts_at or sale.starts_at or now).astimezone(UTC)
    if opens_at is None:
        raise CommandError(f"{sale.sale_id} has no opening", fix="give --starts-at with --lead", code=ExitCode.REFUSED)
    if opens_at <= now:
        raise CommandError(
            f"{sale.sale_id} would open in the past", fix="give an opening ahead of now", code=ExitCode.REFUSED
        )
    send_at = opens_at - lead if lead is not None else slots.send_at(opens_at, sale.kind, policy)
    if (opens_at, send_at) == (sale.starts_at, sale.send_at):
        return sale
    return sale.moved(starts_at=opens_at, send_at=send_at)


def suppressed(sale: Sale) -> Sale:
    """Return the sale suppressed by an operator."""
    if sale.suppressed is SuppressionReason.BY_OPERATOR:
        return sale
    return replace(sale, suppressed=SuppressionReason.BY_OPERATOR, version=sale.version + 1)


def unsuppressed(sale: Sale, world: World) -> Sale:
    """Return the sale without an operator's suppression: what the policy says of it stays.

    Raises:
        CommandError: it is the policy that suppresses it.
    """
    if sale.suppressed is None:
        return sale
    if sale.suppressed is not SuppressionReason.BY_OPERATOR:
        raise CommandError(
            f"{sale.sale_id} is suppressed by the policy ({sale.suppressed})",
            fix="change [policy] in fanfare.toml and import the event again",
            code=ExitCode.REFUSED,
        )
    event = world.events.get([sale.event_id]).get(sale.event_id)
    why = suppression.reason(event, sale, world.policy, public_starts_at=_public_start(sale, world)) if event else None
    return replace(sale, suppressed=why, version=sale.version + 1)


def _public_start(sale: Sale, world: World) -> datetime | None:
    siblings = world.sales.of_event(sale.event_id)
    return next((other.starts_at for other in siblings if other.kind is SaleKind.PUBLIC), None)
