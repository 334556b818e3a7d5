"""``fanfare why``: one reason for one fan, or an account of every row of a sale."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened
from fanfare.model.ids import FanId, SaleId
from fanfare.rules.why_words import Cause
from fanfare.workers import explain
from fanfare.workers.explain import Explanation, TotalsExplanation

app = frame.single()


@frame.command(app)
def why(
    ctx: typer.Context,
    *,
    sale: Annotated[str, typer.Option(help="The sale's id, such as G5dExAmPlE01:public.")],
    fan: Annotated[str | None, typer.Option(help="The fan's account id.")] = None,
    totals: Annotated[bool, typer.Option("--totals", help="Account for every row of the sale.")] = False,
) -> None:
    """Say why a fan was told of a sale, or was not; or, with --totals, where every row of the sale stands.

    Totals add up, or the exit code is 1: rows = frozen audience + late opt-ins = ends + in flight.
    """
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    if (fan is None) is not totals:
        raise CommandError("why needs one of --fan and --totals", fix="give --fan F --sale S, or --sale S --totals")
    with opened(desk) as here:
        if fan is not None:
            _one(desk, here, FanId(fan), SaleId(sale))
        else:
            _all(desk, here, SaleId(sale))


def _one(desk: frame.Frame, here: Opened, fan: FanId, sale: SaleId) -> None:
    engine = here.engine
    found = explain.explain(
        fan,
        sale,
        sales=engine.sales,
        events=engine.events,
        demands=engine.demands,
        notifications=engine.notifications,
        switches=engine.switches,
        clock=engine.clock,
    )
    desk.answer(_document(found), lambda: _tell(found))
    if found.answer.cause in {Cause.SALE_UNKNOWN, Cause.FAN_UNKNOWN}:
        raise typer.Exit(ExitCode.NOT_FOUND)


def _all(desk: frame.Frame, here: Opened, sale: SaleId) -> None:
    if here.engine.sales.get(sale) is None:
        raise CommandError(f"there is no sale {sale}", fix="see: fanfare sale list", code=ExitCode.NOT_FOUND)
    found = explain.totals(sale, sales=here.engine.sales, notifications=here.engine.notifications)
    desk.answer({**_sums(found), "adds_up": found.adds_up}, lambda: _tell_totals(found))
    if not found.adds_up:
        raise typer.Exit(ExitCode.FINDINGS)


def _document(found: Explanation) -> dict[str, object]:
    return {
        "fan": found.fan_id,
        "sale": found.sale_id,
        "cause": found.answer.cause,
        "reason": found.answer.reason,
        "operator": found.answer.operator,
        "fan_words": {language.value: words for language, words in found.answer.fan.items()},
        "rows": [
            {
                "kind": each.row.kind,
                "channel": each.row.channel,
                "state": each.row.state,
                "reason": each.row.reason,
                "attempts": each.row.attempts,
                "created_at": each.row.created_at,
                "triggered_at": each.row.triggered_at,
                "sent_at": each.row.sent_at,
                "ended_at": each.row.ended_at,
                "words": each.words,
            }
            for each in found.rows
        ],
    }


def _tell(found: Explanation) -> None:
    screen.line(found.answer.operator)
    if found.rows:
        columns = ("channel", "kind", "state", "reason", "attempts", "sent", "ended")
        rows = [
            (r.channel, r.kind, r.state, r.reason, r.attempts, r.sent_at, r.ended_at)
            for r in (each.row for each in found.rows)
        ]
        screen.line()
        screen.table(columns, rows)


def _sums(found: TotalsExplanation) -> dict[str, object]:
    return {
        "sale": found.sale_id,
        "rows": found.rows,
        "frozen": found.frozen,
        "late": found.late,
        "ends": found.ends,
        "in_flight": found.in_flight,
        "accepted": found.accepted,
        "by_state": dict(found.by_state),
        "by_reason": dict(found.by_reason),
    }


def _tell_totals(found: TotalsExplanation) -> None:
    screen.facts(
        _sums(found) | {"by_state": screen.counts(found.by_state), "by_reason": screen.counts(found.by_reason)}
    )
    screen.line("adds up" if found.adds_up else "DOES NOT ADD UP: please report it, with 'fanfare doctor'")
