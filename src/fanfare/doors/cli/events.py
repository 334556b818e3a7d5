"""``fanfare events``: what goes on sale, from files or from the Discovery API."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.event_imports import EventReport, Rejected, Unheard, batches, compose, store
from fanfare.model.event import Event
from fanfare.model.offer import SourceEvent
from fanfare.model.sale import Sale
from fanfare.topology import World

WINDOW_DAYS = 7
"""A search pages no deeper than 1,000 events, so the days are asked for in windows."""

app = frame.group("Events: import from files, sync from the Discovery API.")


@frame.command(app, "import")
def import_(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...|-", help="Discovery JSON; - reads stdin.")],
) -> None:
    """Import events: a Discovery event, a page of an event search, or a list of events, in each file.

    Importing twice changes nothing; a changed time moves the sale. Every event is accounted for: it has a scheduled
    sale, or it is listed with its reason.
    """
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    documents = [_read(file) for file in files]  # all of them, before anything is stored
    sources = [source for events, _ in documents for source in events]
    rejected = [refusal for _, refusals in documents for refusal in refusals]
    with opened(desk) as here, screen.progress("Importing", len(sources), unit="events") as ticker:
        stored: list[tuple[Event, tuple[Sale, ...]]] = []
        for batch in batches(sources):
            stored += store(batch, here.world)
            ticker.advance(len(batch))
    _answer(desk, compose(stored, rejected))


@frame.command(app, "sync")
def sync(
    ctx: typer.Context,
    country: Annotated[str | None, typer.Option(help="Only this country, such as US.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="Sales that open within so many days.")] = 60,
) -> None:
    """Fetch events whose sales open soon from the Discovery API, within its quota.

    What was fetched before the quota ended is stored; run it again to go on.
    """
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here, screen.progress("Fetching", None, unit="events") as ticker:
        stored: list[tuple[Event, tuple[Sale, ...]]] = []
        for page in _pages(here.world, country, days):
            for batch in batches(page):
                stored += store(batch, here.world)
                ticker.advance(len(batch))
    _answer(desk, compose(stored, ()))


def _read(file: str) -> tuple[tuple[SourceEvent, ...], tuple[Rejected, ...]]:
    import msgspec

    from fanfare.partners import discovery_json

    name = "stdin" if file == "-" else Path(file).name
    with frame.found_in("file"):
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        document = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{name} is no JSON: {error}; nothing was stored", fix="give the answer of the Discovery API as it came"
        ) from error
    events, refusals = discovery_json.decode_document(document)
    return events, tuple(Rejected(place=f"{name}: {r.place}", reason=r.reason, fix=r.fix) for r in refusals)


def _pages(world: World, country: str | None, days: int) -> Iterator[tuple[SourceEvent, ...]]:
    now = world.clock.now()
    for from_at, until_at in _windows(now, now + timedelta(days=days)):
        page, has_more = 0, True
        while has_more:
            found, has_more = world.source.on_sale_between(from_at, until_at, country_code=country, page=page)
            yield found
            page += 1


def _windows(from_at: datetime, until_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    while from_at < until_at:
        end_at = min(from_at + timedelta(days=WINDOW_DAYS), until_at)
        yield from_at, end_at
        from_at = end_at


def _answer(desk: frame.Frame, report: EventReport) -> None:
    desk.answer(report, lambda: _tell(report))
    if report.rejected and not report.events:
        raise typer.Exit(ExitCode.FINDINGS)


def _tell(report: EventReport) -> None:
    screen.facts({"events": report.events, "sales": screen.counts(report.sales)})
    _list("unscheduled", report.unscheduled)
    _list("suppressed", report.suppressed)
    if report.rejected:
        rows = [(each.place, each.reason, each.fix) for each in report.rejected]
        screen.table(("place", "reason", "fix"), rows, title=f"\nrejected: {len(rows)}")


def _list(title: str, unheard: Iterable[Unheard]) -> None:
    rows = [(each.sale_id, each.event, each.name or each.kind, each.reason) for each in unheard]
    if rows:
        screen.table(("sale", "event", "name", "reason"), rows, title=f"\n{title}: {len(rows)}")
