"""What was measured, for people (a table) and for machines (a JSON file)."""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from statistics import median

import apsw
from rich.console import Console
from rich.table import Table

from benchmarks import compare
from benchmarks.figures import Figure
from benchmarks.runs import APART, Run

RESULTS = Path(__file__).parent / "results"
MB = 1024 * 1024
WIDTH = 150
"""Of a table that goes to a file."""

_MARKS: Mapping[bool | None, str] = {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}


def show(runs: Sequence[Run], figures: Sequence[Figure]) -> None:
    """Print what each side cost, and each figure beside its bound."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if runs:
        console.print(_sides(runs))
        console.print(compare.noise(runs))
    if figures:
        console.print(_figures(figures))


def write(runs: Sequence[Run], figures: Sequence[Figure]) -> Path:
    """Write everything as JSON; return where."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    path = RESULTS / f"{at:%Y%m%dT%H%M%SZ}.json"
    document = {
        "at": at.isoformat(),
        "machine": {
            "cpus": cpu_count(), "python": platform.python_version(), "sqlite": apsw.sqlite_lib_version(),
            "system": platform.system(),
        },
        "noise": compare.noise(runs) if runs else None,
        "runs": [{**asdict(run), "cost_us": run.cost_us} for run in runs],
        "figures": [{**asdict(figure), "is_reached": figure.is_reached} for figure in figures],
    }  # fmt: skip
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def _sides(runs: Sequence[Run]) -> Table:
    table = Table(title=f"{runs[0].fans:,} fans, from the request to the last DELIVERED; medians of CPU")
    for column in ("side", "CPU us each", "by part", "apart", "wall s", "memory MB", "runs"):
        table.add_column(column, justify="left" if column in {"side", "by part", "apart"} else "right")
    for name, of_side in compare.by_side(runs).items():
        parts = compare.part_us(of_side)
        own = [part for part in parts if part not in APART]
        memory = sum(max(run.peak_bytes(part) for run in of_side) for part in own) / MB
        table.add_row(
            name,
            f"{compare.cost_us(of_side):.1f}",
            ", ".join(f"{part} {parts[part]:.1f}" for part in own),
            ", ".join(f"{part} {us:.1f}" for part, us in parts.items() if part in APART),
            f"{median(run.wall_seconds for run in of_side):.2f}",
            f"{memory:.0f}",
            str(len(of_side)),
        )
    return table


def _figures(figures: Sequence[Figure]) -> Table:
    table = Table(title="Figures")
    for column in ("figure", "measured", "asked", "", "details"):
        table.add_column(column, justify="right" if column in {"measured", "asked"} else "left")
    for figure in figures:
        asked = "" if figure.bound is None else f"{figure.reach} {figure.bound:,g} {figure.unit}"
        details = ", ".join(f"{name} {_short(value)}" for name, value in figure.details.items())
        table.add_row(figure.name, f"{_short(figure.value)} {figure.unit}", asked, _MARKS[figure.is_reached], details)
    return table


def _short(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
