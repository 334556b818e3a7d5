"""``fanfare sale``: the on-sale calendar, and how one sale is going."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from fanfare.doors.cli import frame, sale_changes, sale_view
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened, opened
from fanfare.model.ids import EventId, SaleId
from fanfare.model.sale import Sale

app = frame.group("Sales: list, show, set, suppress.")

SaleArgument = Annotated[str, typer.Argument(metavar="SALE", help="The sale's id, such as G5dExAmPlE01:public.")]


@frame.command(app, "list")
def list_(
    ctx: typer.Context,
    event: Annotated[str | None, typer.Option(help="Every sale of this event, opened ones too.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
) -> None:
    """List the sales that have not opened yet, earliest first."""
    desk = frame.of(ctx)
    with opened(desk) as here:
        engine = here.engine
        if event is not None:
            sales: Sequence[Sale] = engine.sales.of_event(EventId(event))[:limit]
        else:
            sales = engine.sales.opening_after(engine.clock.now(), limit)
        rows = [sale_view.row(sale, engine) for sale in sales]
    desk.answer({"sales": rows}, lambda: sale_view.tell_rows(rows))


@frame.command(app, "show")
def show(ctx: typer.Context, sale: SaleArgument) -> None:
    """Show one sale: its funnel by state and reason, its plan on each sender with a live forecast, its clicks."""
    desk = frame.of(ctx)
    with opened(desk) as here:
        view = sale_view.view(_known(sale, here), here)
    desk.answer(view, lambda: sale_view.tell(view))


@frame.command(app, "set")
def set_(
    ctx: typer.Context,
    sale: SaleArgument,
    *,
    starts_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="A new opening, such as 2026-05-08T14:00:00Z.")
    ] = None,
    lead: Annotated[int | None, typer.Option(min=1, metavar="MINUTES", help="A new lead for its reminders.")] = None,
) -> None:
    """Move a sale, or change its lead; unsent reminders are planned anew.

    The source wins: its next answer about the event puts its own time and the policy's lead back.
    """
    if starts_at is None and lead is None:
        raise CommandError("nothing to set", fix="give --starts-at, --lead, or both")
    at = _instant(starts_at) if starts_at else None
    minutes = timedelta(minutes=lead) if lead is not None else None
    _change(frame.of(ctx), sale, lambda before, here: sale_changes.move(before, at, minutes, here))


@frame.command(app, "suppress")
def suppress(ctx: typer.Context, sale: SaleArgument) -> None:
    """Send no reminders of a sale. An operator's word outlives every import."""
    _change(frame.of(ctx), sale, sale_changes.suppress)


@frame.command(app, "unsuppress")
def unsuppress(ctx: typer.Context, sale: SaleArgument) -> None:
    """Take an operator's suppression back. What the policy suppresses is changed in fanfare.toml."""
    _change(frame.of(ctx), sale, sale_changes.unsuppress)


def _change(desk: frame.Frame, sale: str, change: sale_changes.SaleChange) -> None:
    with opened(desk) as here:
        before = _known(sale, here)
        after = sale_changes.made(lambda: change(_known(sale, here), here) or before)
        row = sale_view.row(after, here.engine)
    desk.answer({"sale": row, "changed": after != before}, lambda: sale_view.tell_rows([row]))


def _known(sale: str, here: Opened) -> Sale:
    found = here.engine.sales.get(SaleId(sale))
    if found is None:
        raise CommandError(f"there is no sale {sale}", fix="see: fanfare sale list", code=ExitCode.NOT_FOUND)
    return found


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no ISO 8601 instant", fix="write it as 2026-05-08T14:00:00Z") from error
    if at.tzinfo is None:
        raise CommandError(f"{text} says no offset", fix="write it as 2026-05-08T14:00:00Z")
    return at
