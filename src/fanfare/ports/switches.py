"""What an operator can stop."""

from typing import Protocol


class Switches(Protocol):
    """Read before every request leaves; a change acts within a second in every process."""

    def paused(self) -> str | None:
        """Return why sending is paused; None when it is not."""
        ...

    def pause(self, reason: str) -> None:
        """Stop sending. Durable when this returns."""
        ...

    def resume(self) -> None:
        """Let sending go on."""
        ...
