"""Reading an opt-in file row by row, and writing back the refused rows so that they can be mended and fed again.

A row that cannot be read never blocks its neighbours. A file whose header is wrong is refused before anything is
stored.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, TextIO

import msgspec

from fanfare.doors.cli.exits import CommandError
from fanfare.rules.demand_rows import FIELDS, Refused

OPTIONAL = frozenset({"sale_id"})
"""Columns that a header may leave out."""
ADDED = ("field", "reason", "fix")
"""Columns that a refused row carries besides its own; ignored when it is fed again."""
CELL_LENGTH_MAX = 10_000
"""An unclosed quote swallows the rest of a file; here it stops after so many characters."""
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its cells by column, or why it cannot be read; and how it is written back."""

    row: Row | Refused
    raw: Sequence[str]
    """The cells, or for NDJSON the line itself."""


class DemandFile(Protocol):
    """An opt-in file in one of its formats."""

    def lines(self) -> Iterator[Line]:
        """Yield every row.

        Raises:
            CommandError: the file cannot be read on; what came before was yielded.
        """
        ...

    def refused_path(self) -> Path:
        """Return where its refused rows go: beside it."""
        ...

    def write_header(self, out: TextIO) -> None:
        """Begin a file of refused rows."""
        ...

    def write_refused(self, out: TextIO, line: Line, refused: Refused) -> None:
        """Write one refused row with its field, reason and fix."""
        ...


def open_demand_file(path: Path) -> DemandFile:
    """Return the file by its format: NDJSON where its name or its first sign says so, else CSV.

    Raises:
        CommandError: it is neither, is not UTF-8, or its header does not fit; the message names the place.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(UTF16_MARKS):
        raise CommandError(f"{path.name}: is UTF-16", fix="save it as UTF-8")
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not first:
        raise CommandError(f"{path.name}: is empty", fix=f"begin with the header {','.join(FIELDS)}")
    if first == b"[":
        raise CommandError(f"{path.name}: line 1: is a JSON list", fix="write one JSON object a line (NDJSON), or CSV")
    if first == b"{" or path.suffix in {".ndjson", ".jsonl"}:
        return NdjsonFile(path)
    return CsvFile.read_header(path)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """Comma-separated, with a header."""

    path: Path
    header: tuple[str, ...]

    @classmethod
    def read_header(cls, path: Path) -> Self:
        """Read and check the header."""
        with _text(path) as file:
            try:
                cells = next(csv.reader(file, strict=True), list[str]())
            except csv.Error as error:
                raise CommandError(f"{path.name}: line 1: {error}", fix="mend the quotes of the header") from error
        header = tuple(cell.strip() for cell in cells)
        _check_header(path.name, header)
        return cls(path, header)

    def lines(self) -> Iterator[Line]:
        """As the protocol says; empty lines are passed over."""
        csv.field_size_limit(CELL_LENGTH_MAX)
        with _text(self.path) as file:
            reader = csv.reader(file)
            next(reader)
            try:
                for cells in reader:
                    if cells:
                        yield Line(self._row(cells), cells)
            except csv.Error as error:
                raise CommandError(
                    f"{self.path.name}: line {reader.line_num}: {error}; the rows before it were stored",
                    fix="look for a quote that is not closed, mend it, and import the file again",
                ) from error

    def refused_path(self) -> Path:
        """As the protocol says."""
        return self.path.with_name(f"{self.path.name}.refused.csv")

    def write_header(self, out: TextIO) -> None:
        """As the protocol says."""
        csv.writer(out).writerow((*self._own(self.header), *ADDED))

    def write_refused(self, out: TextIO, line: Line, refused: Refused) -> None:
        """As the protocol says. Cells beyond the header come last: nothing that was given is lost."""
        width = len(self.header)
        cells = [*line.raw[:width], *[""] * (width - len(line.raw))]
        beyond = line.raw[width:]
        csv.writer(out).writerow((*self._own(cells), refused.field, refused.reason, refused.fix, *beyond))

    def _row(self, cells: Sequence[str]) -> Row | Refused:
        if len(cells) != len(self.header):
            reason = f"has {len(cells)} cells where the header has {len(self.header)}"
            return Refused("row", reason, "look for a comma too many or too few; quote cells that hold commas")
        if not all(map(str.isascii, cells)) and _has_foreign_bytes("".join(cells)):
            return Refused("row", "holds bytes that are not UTF-8", "save the file as UTF-8")
        return dict(zip(self.header, cells, strict=True))

    def _own(self, cells: Sequence[str]) -> list[str]:
        """Leave out what an earlier import added."""
        return [cell for name, cell in zip(self.header, cells, strict=True) if name not in ADDED]


@dataclass(frozen=True, slots=True)
class NdjsonFile:
    """One JSON object a line."""

    path: Path

    def lines(self) -> Iterator[Line]:
        """As the protocol says; empty lines are passed over."""
        decoder = msgspec.json.Decoder(dict[str, object])
        with _text(self.path) as file:
            for text in file:
                if text.strip():
                    yield Line(_object(text, decoder), (text.rstrip("\r\n"),))

    def refused_path(self) -> Path:
        """As the protocol says."""
        return self.path.with_name(f"{self.path.name}.refused.ndjson")

    def write_header(self, out: TextIO) -> None:
        """NDJSON has none."""

    def write_refused(self, out: TextIO, line: Line, refused: Refused) -> None:
        """As the protocol says. What is no object is kept under ``line``."""
        why = {"field": refused.field, "reason": refused.reason, "fix": refused.fix}
        row = {"line": line.raw[0]} if isinstance(line.row, Refused) else dict(line.row)
        out.write(msgspec.json.encode(row | why).decode() + "\n")


def _object(text: str, decoder: msgspec.json.Decoder[dict[str, object]]) -> Row | Refused:
    try:
        found = decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return Refused("row", "is no JSON object", "write one JSON object a line, in UTF-8")
    wrong = next((name for name in FIELDS if not isinstance(found.get(name), str | None)), None)
    if wrong:
        return Refused(wrong, "is not text", "write it in quotes")
    return {name: value for name, value in found.items() if isinstance(value, str | None)}


def _text(path: Path) -> TextIO:
    """Open as UTF-8, a byte-order mark allowed; other bytes become surrogates, which the row is refused for."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _has_foreign_bytes(text: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in text)


def _check_header(name: str, header: Sequence[str]) -> None:
    for delimiter, word in DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            raise CommandError(f"{name}: line 1: cells are separated by {word}", fix="save it with commas")
    missing = [field for field in FIELDS if field not in header and field not in OPTIONAL]
    if missing:
        raise CommandError(
            f"{name}: line 1: the header lacks {', '.join(missing)}", fix=f"write the header {','.join(FIELDS)}"
        )
    twice = sorted({field for field in header if header.count(field) > 1})
    if twice:
        raise CommandError(f"{name}: line 1: {', '.join(twice)} stands twice", fix="leave one of the columns")
