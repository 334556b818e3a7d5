"""What an operator can stop."""

from collections.abc import Callable

from fanfare.engines.embedded.clock import process_seconds
from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.sql import statement

TRUST_SECONDS = 0.2
"""For how long an answer is not asked for again: a pause in another process acts well within a second."""

_PAUSED = statement("switches.paused")
_PAUSE = statement("switches.pause")
_RESUME = statement("switches.resume")


class Switches:
    """The switches of one store."""

    def __init__(self, database: Database, seconds: Callable[[], float] = process_seconds) -> None:
        """Keep them in this file; ``seconds`` says how old an answer is."""
        self._database = database
        self._seconds = seconds
        self._asked_at_seconds: float | None = None
        self._reason: str | None = None

    def paused(self) -> str | None:
        """Return why sending is paused; None when it is not. Read from the store five times a second at most."""
        now = self._seconds()
        if self._asked_at_seconds is None or now - self._asked_at_seconds >= TRUST_SECONDS:
            self._reason = self._database.value(_PAUSED)
            self._asked_at_seconds = now
        return self._reason

    def pause(self, reason: str) -> None:
        """Stop sending. Durable when this returns."""
        self._database.change(_PAUSE, (reason,))
        self._asked_at_seconds = None

    def resume(self) -> None:
        """Let sending go on."""
        self._database.change(_RESUME)
        self._asked_at_seconds = None
