"""The engine's SQL, read from the files beside this one.

``queries.sql`` holds named blocks: a line ``-- name: port.method`` (with ``/part`` where a method needs several),
comment lines that say what for, then one statement.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_BLOCK = re.compile(r"^-- name: (?P<name>\S+)\n(?P<purpose>(?:--.*\n)+)(?P<sql>[^;]+);", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Return each statement by its name.

    Raises:
        ValueError: a name occurs twice, or a block has no purpose line.
    """
    text = (FOLDER / "queries.sql").read_text(encoding="utf-8")
    blocks = [(match["name"], match["sql"].strip()) for match in _BLOCK.finditer(text)]
    if len(blocks) != text.count("-- name: ") or len(dict(blocks)) != len(blocks):
        raise ValueError("queries.sql: a block has no purpose line, or a name occurs twice")
    return dict(blocks)


def statement(name: str) -> str:
    """Return one statement; an unknown name is a KeyError when the module that wants it is imported."""
    return statements()[name]


def schema(database: str) -> str:
    """Return what a new file of this kind (``store``, ``vault``) is made from."""
    return (FOLDER / ("schema.sql" if database == "store" else f"{database}_schema.sql")).read_text(encoding="utf-8")


def migrations(database: str) -> tuple[tuple[int, str], ...]:
    """Return the numbered migrations of a kind of file, first to last."""
    files = sorted((FOLDER / "migrations" / database).glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return tuple((int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files)
