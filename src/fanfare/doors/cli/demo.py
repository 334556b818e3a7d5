"""``fanfare demo``: a whole on-sale night on the practice stage, and an account of every fan."""

import logging
import re
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from fanfare.doors.cli import frame, night, places
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.model.notification import State

FANS = 50_000
RATE = 100.0
FAULTS = "evening"
REFRESHES_PER_SECOND = 8

COLOURS = {
    State.CREATED: "bright_black",
    State.TRIGGERED: "blue",
    State.QUEUED: "cyan",
    State.SENT: "yellow",
    State.DELIVERED: "green",
    State.FAILED: "red",
    State.SUPPRESSED: "magenta",
    State.EXPIRED: "dark_orange",
    State.CANCELLED: "bright_black",
    State.UNCONFIRMED: "bright_red",
}
BAR_WIDTH = 64
WORDS = {"none": "delivered", "no_report": "sent, nothing came back (emails without a bounce)"}
"""Reasons that want more than their own name."""
WIDTH = 120
FONTS_FROM_ELSEWHERE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Rich's pictures load a font from a content network; the reader's own monospace does as well."""


app = frame.single()


@frame.command(app)
def demo(
    ctx: typer.Context,
    *,
    fans: Annotated[int, typer.Option(min=1, help="How many fans opted in.")] = FANS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same totals.")] = 1,
    sender_rate: Annotated[
        float, typer.Option(min=0.1, help="Text segments a second that the sender may send.")
    ] = RATE,
    faults: Annotated[
        str, typer.Option(help="none, evening, rough, or a list of kind=rate; see docs/lab.md.")
    ] = FAULTS,
    keep: Annotated[Path | None, typer.Option(help="Leave the data directory here.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No live display.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Save the account as an SVG picture.")] = None,
) -> None:
    """Live through a whole on-sale night on this machine: no account, no key, nothing leaves it."""
    desk = frame.of(ctx)
    _refuse_full(keep)
    logging.getLogger("fanfare").addHandler(logging.NullHandler())  # the stage's faults are part of the show
    console = Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH)
    with tempfile.TemporaryDirectory(prefix="fanfare-demo-") as scratch:
        data_dir = keep.absolute() if keep else Path(scratch) / "data"
        plan = night.NightPlan(
            fans=fans,
            seed=seed,
            sender_rate=sender_rate,
            faults=faults,
            data_dir=data_dir,
            key_file=places.key_file(data_dir, {}),
            ledger=data_dir.with_name(f"{data_dir.name}.ledger.ndjson"),
            mail_dir=Path(scratch) / "bounces",
        )
        report = _live(plan, console, show=not headless and console.is_terminal)
    desk.answer(report.document(), lambda: _show(report, console, plan, keep))
    if picture is not None:
        picture.write_text(drawn(report), encoding="utf-8")
    if report.lost or report.ledger["duplicates"] or report.ledger["after_sale_start"]:
        raise typer.Exit(ExitCode.FINDINGS)


def _refuse_full(keep: Path | None) -> None:
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise CommandError(f"{keep} is not an empty folder", fix="name a new one", code=ExitCode.REFUSED)


def _show(report: night.NightReport, console: Console, plan: night.NightPlan, keep: Path | None) -> None:
    console.print(account(report))
    if keep is not None:
        console.print(f"Left in {keep}; its key is {plan.key_file.name} beside it, and so is the stage's ledger.")


def _live(plan: night.NightPlan, console: Console, *, show: bool) -> night.NightReport:
    with night.Lab(plan) as lab:
        if not show:
            return _run(plan, lab, None)
        with Live(console=console, refresh_per_second=REFRESHES_PER_SECOND, transient=True) as live:
            return _run(plan, lab, lambda progress: live.update(_scene(progress)))


def _run(plan: night.NightPlan, lab: night.Lab, watch: night.Watch | None) -> night.NightReport:
    tonight = night.Night(plan, lab, watch, time.monotonic)
    try:
        return tonight.run()
    finally:
        tonight.close()


def _scene(progress: night.Progress) -> Panel:
    ended = progress.audience - sum(progress.by_state.get(state, 0) for state in (State.CREATED, State.TRIGGERED))
    bar = Progress(TextColumn("{task.description}"), BarColumn(bar_width=BAR_WIDTH), TextColumn("{task.completed:,}"))
    bar.add_task(progress.stage or "messages handled", total=progress.audience or None, completed=ended)
    return Panel(
        Group(Text(f"{progress.now:%H:%M:%S} UTC", style="bold"), bar, _states(progress.by_state, progress.audience)),
        title="tonight's on-sales",
        border_style="bright_black",
    )


def _states(by_state: Any, audience: int) -> Text:  # noqa: ANN401 - any mapping of state to count
    line = Text()
    for state in State:
        count = by_state.get(state, 0)
        if count:
            line.append("█" * max(1, round(count / max(audience, 1) * BAR_WIDTH)), style=COLOURS[state])
    line.append("\n")
    for state in State:
        if by_state.get(state, 0):
            line.append(f"{state.value.lower()} {by_state[state]:,}  ", style=COLOURS[state])
    return line


def account(report: night.NightReport) -> Group:
    """Return the account of the night: every message, by sale and by reason, and what the lab's ledger says."""
    return Group(_by_sale(report), _by_reason(report), _verdict(report))


def drawn(report: night.NightReport) -> str:
    """Return the account as an SVG picture that asks nobody for a font."""
    paper = Console(record=True, width=WIDTH, file=StringIO(), color_system="truecolor", force_terminal=True)
    paper.print(account(report))
    return FONTS_FROM_ELSEWHERE.sub("", paper.export_svg(title="fanfare demo"))


def _by_sale(report: night.NightReport) -> Table:
    states = [state for state in State if report.by_state.get(state)]
    table = Table(
        title=f"The night of {report.fans:,} fans: {report.audience:,} messages, each in a state",
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    table.add_column("sale", overflow="ellipsis", max_width=38, no_wrap=True)
    table.add_column("opens", no_wrap=True)
    for state in states:
        table.add_column(state.value.lower(), justify="right", style=COLOURS[state], no_wrap=True)
    table.add_column("audience", justify="right", style="bold", no_wrap=True)
    for sale in sorted(report.sales, key=lambda each: (each["opens_at"] or "", each["sale_id"])):
        opens = sale["opens_at"][11:16] if sale["opens_at"] and sale["status"] == "scheduled" else sale["status"]
        counts = [sale["by_state"].get(state, 0) for state in states]
        cells = [f"{count:,}" if count else "" for count in counts]
        table.add_row(f"{sale['event']} ({sale['sale']})", opens, *cells, f"{sum(counts):,}")
    totals = [f"{report.by_state[state]:,}" for state in states]
    table.add_section()
    table.add_row("all messages, every fan accounted for", "", *totals, f"{report.audience:,}", style="bold")
    return table


def _by_reason(report: night.NightReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("reason")
    table.add_column("messages", justify="right")
    for reason, count in sorted(report.by_reason.items(), key=lambda item: -item[1]):
        table.add_row(WORDS.get(reason, reason.replace("_", " ")), f"{count:,}")
    return table


def _verdict(report: night.NightReport) -> Panel:
    ledger = report.ledger
    good = not (report.lost or ledger["duplicates"] or ledger["after_sale_start"])
    lines = [
        f"accepted by the provider   {ledger['accepted']:>9,}   (the practice stage's own ledger)",
        f"sent twice                 {ledger['duplicates']:>9,}",
        f"sent after the opening     {ledger['after_sale_start']:>9,}",
        f"lost                       {report.lost:>9,}",
        f"unconfirmed, listed        {report.unconfirmed:>9,}",
        f"not reachable, foretold    {report.not_reachable:>9,}",
        f"replies and confirmations  {report.other_messages:>9,}",
        f"took {report.seconds:.1f} s for a night of several hours",
        "next: fanfare init night, then docs/tutorial.md: the same with your own events and fans",
    ]
    return Panel("\n".join(lines), border_style="green" if good else "red", expand=False)
