"""What a person reads: plain tables and lines, wide when nobody's terminal has to hold them."""

import sys
import unicodedata
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol, TextIO

WIDE = 160
"""Columns where the output is no terminal."""
KEPT = "\n\u200c\u200d"
"""Line breaks are ours; joiners hold Persian words and family pictures together."""
COMMANDING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control signs, signs that turn the direction of writing, half pairs and separators."""


class Ticker(Protocol):
    """Counts what is done."""

    def advance(self, number: int) -> None:
        """Move on by a number of items."""
        ...


def line(text: str = "") -> None:
    """Write lines on stdout."""
    sys.stdout.write(f"{harmless(text)}\n")


def note(text: str) -> None:
    """Write lines on stderr, where they are in no machine's way."""
    sys.stderr.write(f"{harmless(text)}\n")


def harmless(text: str) -> str:
    """Return a text without what a terminal obeys: names of artists and venues are anybody's words."""
    return text if text.isprintable() else "".join(_shown(sign) for sign in text)


def _shown(sign: str) -> str:
    return sign if sign in KEPT or unicodedata.category(sign) not in COMMANDING else "\ufffd"


def facts(pairs: Mapping[str, object]) -> None:
    """Write names and values, aligned."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        line(f"{name:<{width}}  {_cell(value)}")


def counts(counted: Mapping[str, int]) -> str:
    """Return counts by name in one line."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or "-"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Write a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    console = Console(file=sys.stdout, markup=False, highlight=False, width=None if sys.stdout.isatty() else WIDE)
    console.print(drawn)


@contextmanager
def progress(what: str, total: int | None, *, unit: str) -> Generator[Ticker]:
    """Show how far a long work is, on stderr and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=_stderr()), transient=True) as bars:
        task = bars.add_task(what, total=total)

        class Shown:
            def advance(self, number: int) -> None:
                bars.advance(task, number)

        yield Shown()


class _Silent:
    def advance(self, number: int) -> None:
        """Say nothing."""


def _stderr() -> TextIO:
    return sys.stderr


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    return harmless(str(value))
