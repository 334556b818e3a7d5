"""Fanfare's own source, parsed once, for the tests that read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "fanfare"
TESTS = ROOT / "tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of source."""

    path: Path
    place: str
    """Its path inside the package, such as ``rules/waves.py``."""
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, in the order of their paths."""
    return tuple(_read(path) for path in sorted(SRC.rglob("*.py")))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(
        path=path,
        place=path.relative_to(SRC).as_posix(),
        text=text,
        tree=ast.parse(text, filename=str(path)),
    )


def origins(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for: ``{"dt": "datetime", "now": "time.time"}``, wherever the import stands."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: _bound(alias) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _bound(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted name of each module that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """``time.monotonic`` for ``t.monotonic`` under ``import time as t``; None where the root is no import."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (root := dotted(node.value, names)):
        return f"{root}.{node.attr}"
    return None
