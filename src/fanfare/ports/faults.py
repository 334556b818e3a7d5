"""The three ways in which a port can fail. Adapters translate every vendor error into one of them.

Below the doors only ``runner.py`` catches them.
"""


class Fault(Exception):
    """Root of the three; never raised itself."""


class Transient(Fault):
    """It may work later: an outage, a quota, a lock held too long."""

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None) -> None:
        """Say what failed and, where the other side told, how long to wait."""
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class Permanent(Fault):
    """It will fail again however often it is tried: bad input, a missing right, a refused request."""

    def __init__(self, reason: str) -> None:
        """Say what was refused and, where it is known, the fix."""
        super().__init__(reason)
        self.reason = reason


class Conflict(Fault):
    """Somebody else changed the record first; read it again."""
