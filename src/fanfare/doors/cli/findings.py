"""What a check of the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    """Worth knowing; nothing fails because of it."""
    PROBLEM = "problem"
    """Fans are not told, or not rightly, until it is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer of one check."""

    check: str
    level: Level
    what: str
    fix: str | None = None


def ok(check: str, what: str) -> Finding:
    """Return that all is well."""
    return Finding(check=check, level=Level.OK, what=what)


def warning(check: str, what: str, *, fix: str) -> Finding:
    """Return something worth knowing."""
    return Finding(check=check, level=Level.WARNING, what=what, fix=fix)


def problem(check: str, what: str, *, fix: str) -> Finding:
    """Return something that must be mended."""
    return Finding(check=check, level=Level.PROBLEM, what=what, fix=fix)
