"""How fresh an answer is."""

from enum import StrEnum


class AnswerSource(StrEnum):
    """Where an answer came from."""

    CACHE = "cache"
    SOURCE = "source"
    STALE = "stale"
    """Kept past its time, because the source is out of reach."""
