"""Queues with visibility, attempts and dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMessage:
    """One message, hidden from others until its visibility ends."""

    message_id: str
    body: str
    """JSON."""
    attempts: int
    """How often it was received, this time included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that was given up, with the reason."""

    letter_id: str
    queue: str
    body: str
    reason: str
    attempts: int
    at: datetime


class Queues(Protocol):
    """At least once, unordered; a batch is at most 10 messages where an engine says so."""

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: float = 0, key: str | None = None) -> None:
        """Append messages. With a ``key``, an equal message that still waits is not doubled."""
        ...

    def receive(self, queue: str, limit: int, visibility_seconds: float) -> tuple[QueueMessage, ...]:
        """Take up to ``limit`` visible messages and hide them."""
        ...

    def done(self, queue: str, message_ids: Sequence[str]) -> None:
        """Delete messages whose effect is recorded."""
        ...

    def again(self, queue: str, message_id: str, delay_seconds: float) -> None:
        """Make a message visible after a delay."""
        ...

    def bury(self, queue: str, message_id: str, reason: str) -> None:
        """Move a message to the dead letters."""
        ...

    def quarantine(self, source: str, body: str, reason: str) -> None:
        """Keep a record that could not be read, beside the dead letters, with where it came from and why."""
        ...

    def dead_letters(self, queue: str | None, limit: int) -> tuple[DeadLetter, ...]:
        """Return dead letters, newest first."""
        ...

    def redrive(self, letter_ids: Sequence[str]) -> int:
        """Send dead letters to their queue again, attempts counted from 0; return how many."""
        ...

    def waiting(self) -> dict[str, int]:
        """Return how many messages each queue holds, hidden ones included."""
        ...

    def buried(self) -> dict[str, int]:
        """Return how many dead letters each queue, or source of quarantined records, has."""
        ...

    def next_visible_at(self) -> datetime | None:
        """Return when the next hidden message becomes visible."""
        ...
