"""``fanfare demands``: opt-ins from a file."""

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TextIO

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.demand_file import DemandFile, Line, open_demand_file
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.model.demand import DemandRequest
from fanfare.ports.faults import Permanent
from fanfare.rules import demand_rows
from fanfare.rules.demand_rows import Refused
from fanfare.topology import World, opt_in_ground
from fanfare.workers import record_demands

_MASK = re.compile(r"^\.\.\.\S* ")
"""What a reason shows of an address; left out where reasons are counted."""

app = frame.group("Opt-ins: import from a file, with proof of consent.")


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an import came to."""

    rows: int = 0
    stored: int = 0
    unchanged: int = 0
    refused: int = 0
    refused_file: Path | None = None
    reasons: Counter[str] = field(default_factory=Counter[str])
    """How many rows were refused, by field and reason."""


@frame.command(app, "import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header, or NDJSON.")],
) -> None:
    """Import opt-ins with their proof of consent. Addresses are sealed from the first write on.

    Refused rows go to FILE.refused.csv (or .ndjson) beside FILE, each with its field, reason and fix: mend them there
    and import that file. An import confirms nothing to fans and lifts no opt-out.
    """
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with frame.found_in("file"):
        source = open_demand_file(file)
    with opened(desk) as here:
        _refuse_inside(source.refused_path(), here.data_dir)
        tally = _import(source, here.world)
    desk.answer(tally, lambda: _tell(tally))
    if tally.refused and tally.refused == tally.rows:
        raise typer.Exit(ExitCode.FINDINGS)


def _refuse_inside(path: Path, data_dir: Path) -> None:
    """Refused rows hold addresses in the clear, and none may lie in the data directory."""
    if path.resolve().is_relative_to(data_dir.resolve()):
        raise CommandError(
            "the file lies in the data directory, and its refused rows would too",
            fix="move it elsewhere: they hold addresses in the clear",
            code=ExitCode.REFUSED,
        )


def _import(source: DemandFile, world: World) -> Tally:
    tally = Tally()
    refusals = _Refusals(source, tally)
    with ExitStack() as stack:
        stack.callback(refusals.close)
        ticker = stack.enter_context(screen.progress("Importing", None, unit="rows"))
        for batch in record_demands.batches(_parsed(source, refusals, world)):
            changed = _record(batch, world)
            tally.stored += sum(changed)
            tally.unchanged += len(changed) - sum(changed)
            ticker.advance(len(batch))
    tally.rows = tally.stored + tally.unchanged + tally.refused
    return tally


def _parsed(source: DemandFile, refusals: "_Refusals", world: World) -> Iterator[DemandRequest]:
    brands = frozenset(world.brands)
    now = world.clock.now()
    for line in source.lines():
        row = line.row
        found = row if isinstance(row, Refused) else demand_rows.parse(row, now=now, brands=brands)
        if isinstance(found, Refused):
            refusals.add(line, found)
        else:
            yield found


def _record(batch: Sequence[DemandRequest], world: World) -> tuple[bool, ...]:
    """Store a batch; a fan who was forgotten meanwhile makes it be repeated, once, under a new ref."""
    ground = opt_in_ground(world)
    try:
        return record_demands.run(batch, ground=ground)
    except Permanent:
        return record_demands.run(batch, ground=ground)


class _Refusals:
    """The refused rows, written as they come; the file appears under its name only when it is whole."""

    def __init__(self, source: DemandFile, tally: Tally) -> None:
        self._source = source
        self._tally = tally
        self._out: TextIO | None = None

    def add(self, line: Line, refused: Refused) -> None:
        """Write one row."""
        if self._out is None:
            self._out = _private(self._part)
            self._source.write_header(self._out)
        self._source.write_refused(self._out, line, refused)
        self._tally.refused += 1
        self._tally.reasons[f"{refused.field}: {_MASK.sub('', refused.reason)}"] += 1

    def close(self) -> None:
        """Give the file its name."""
        if self._out is not None:
            self._out.close()
            self._tally.refused_file = self._part.replace(_free(self._source.refused_path()))

    @property
    def _part(self) -> Path:
        path = self._source.refused_path()
        return path.with_name(f"{path.name}.part")


def _free(path: Path) -> Path:
    """Return the path, or the next numbered one where a file of refused rows stands that somebody may be mending."""
    if not path.exists():
        return path
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return next(each for each in numbered if not each.exists())


def _private(path: Path) -> TextIO:
    """Open a file that only its owner may read."""
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise CommandError(
            f"{path.parent} cannot be written, so refused rows have no place", fix="move the file to a folder of yours"
        ) from error
    return path.open("w", encoding="utf-8", errors="surrogateescape", newline="")


def _tell(tally: Tally) -> None:
    screen.facts({"rows": tally.rows, "stored": tally.stored, "unchanged": tally.unchanged, "refused": tally.refused})
    if tally.refused:
        screen.line()
        screen.table(("refused", "why"), [(number, reason) for reason, number in tally.reasons.most_common()])
        sys.stdout.flush()
        screen.line(f"\nMend {tally.refused_file} and import it.")
