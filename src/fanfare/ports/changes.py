"""The change log and the places that its consumers have reached."""

from collections.abc import Sequence
from typing import Protocol

from fanfare.model.change import Change, RecordType


class Changes(Protocol):
    """Ordered per record key; a consumer may see a change again and moves its checkpoint after the effect."""

    def read(self, after: str | None, record_types: Sequence[RecordType], limit: int) -> tuple[tuple[Change, ...], str]:
        """Return changes after a position, and the position that was read up to (types skipped included)."""
        ...

    def unread(self) -> dict[str, int]:
        """Return how many changes lie behind the position of each consumer that has one, by the consumer's name."""
        ...


class Checkpoints(Protocol):
    """Named positions and watermarks."""

    def get(self, name: str) -> str | None:
        """Return the position stored under the name."""
        ...

    def move(self, name: str, *, expected: str | None, to: str) -> None:
        """Store a new position if the old one is still as expected.

        Raises:
            Conflict: another consumer of the same name moved it.
        """
        ...
