"""What an operator may change of a sale."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened
from fanfare.model.sale import Sale, SuppressionReason
from fanfare.ports.faults import Conflict
from fanfare.rules import slots
from fanfare.rules.policy import ReminderPolicy
from fanfare.workers import suppress_sales

ATTEMPTS_MAX = 3

SaleChange = Callable[[Sale, Opened], Sale | None]
"""Reads nothing of the sale but what it is given, stores what it makes of it, and returns that."""


def made(change: Callable[[], Sale]) -> Sale:
    """Return the changed sale; where somebody else changed it first, the change is made to what they left."""
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return change()
        except Conflict:
            continue
    return change()


def move(sale: Sale, starts_at: datetime | None, lead: timedelta | None, here: Opened) -> Sale:
    """Store the sale at another opening or with another lead, as a new revision; an equal one changes nothing.

    Raises:
        CommandError: it would open in the past, or has no opening that a lead could be taken from.
    """
    after = moved(sale, starts_at, lead, policy=here.world.policy, now=here.now)
    if after != sale:
        here.engine.sales.put(after)
    return after


def moved(
    sale: Sale, starts_at: datetime | None, lead: timedelta | None, *, policy: ReminderPolicy, now: datetime
) -> Sale:
    """Return the sale as ``move`` stores it."""
    opens_at = starts_at or sale.starts_at
    if opens_at is None:
        raise CommandError(f"{sale.sale_id} has no opening", fix="give --starts-at with --lead", code=ExitCode.REFUSED)
    if opens_at <= now:
        raise CommandError(
            f"{sale.sale_id} would open in the past", fix="give an opening ahead of now", code=ExitCode.REFUSED
        )
    opens_at = opens_at.astimezone(UTC)
    send_at = opens_at - lead if lead is not None else slots.send_at(opens_at, sale.kind, policy)
    if (opens_at, send_at) == (sale.starts_at, sale.send_at):
        return sale
    return sale.moved(starts_at=opens_at, send_at=send_at)


def suppress(sale: Sale, here: Opened) -> Sale | None:
    """Store the sale as suppressed by an operator."""
    return suppress_sales.suppress(sale.sale_id, sales=here.engine.sales)


def unsuppress(sale: Sale, here: Opened) -> Sale | None:
    """Store the sale without an operator's suppression: what the policy says of it stays.

    Raises:
        CommandError: it is the policy that suppresses it.
    """
    if sale.suppressed not in {None, SuppressionReason.BY_OPERATOR}:
        raise CommandError(
            f"{sale.sale_id} is suppressed by the policy ({sale.suppressed})",
            fix="change [policy] in fanfare.toml and import the event again",
            code=ExitCode.REFUSED,
        )
    engine = here.engine
    return suppress_sales.unsuppress(sale.sale_id, sales=engine.sales, events=engine.events, policy=here.world.policy)
