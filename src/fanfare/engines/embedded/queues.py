"""Queues in a table. A message's id carries how often it was received, so a late holder cannot move it."""

from collections.abc import Sequence
from datetime import datetime

from fanfare.engines.embedded.database import Database, Tx, integers
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.instant import from_ms, to_ms
from fanfare.ports.clock import Clock
from fanfare.ports.queues import DeadLetter, QueueMessage

_SEND = statement("queues.send")
_FIND = statement("queues.receive/find")
_RECEIVE = statement("queues.receive")
_DONE = statement("queues.done")
_AGAIN = statement("queues.again")
_BURY = statement("queues.bury")
_REMOVE = statement("queues.bury/remove")
_QUARANTINE = statement("queues.quarantine")
_DEAD_LETTERS = statement("queues.dead_letters")
_REDRIVE = statement("queues.redrive")
_WAITING = statement("queues.waiting")
_BURIED = statement("queues.buried")
_NEXT_VISIBLE = statement("queues.next_visible_at")


class Queues:
    """The queues of one store; visibility runs on the given clock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in this file."""
        self._database = database
        self._clock = clock

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: float = 0, key: str | None = None) -> None:
        """Append messages. With a ``key``, an equal message that nobody received yet is not doubled."""
        visible_ms = self._after(delay_seconds)
        self._database.write(lambda tx: tx.run_many(_SEND, [(queue, key, body, visible_ms) for body in bodies]))

    def receive(self, queue: str, limit: int, visibility_seconds: float) -> tuple[QueueMessage, ...]:
        """Take up to ``limit`` visible messages and hide them."""
        find = (queue, self._after(0), limit)
        if not self._database.rows(_FIND, (*find[:2], 1)):  # idle polling shall not take the write lock
            return ()
        hidden_ms = self._after(visibility_seconds)
        return self._database.write(lambda tx: _receive(tx, find, hidden_ms), durable=False)

    def done(self, queue: str, message_ids: Sequence[str]) -> None:
        """Delete messages whose effect is recorded."""
        rows = [(queue, _parts(message_id)[0]) for message_id in message_ids]
        self._database.write(lambda tx: tx.run_many(_DONE, rows), durable=False)

    def again(self, queue: str, message_id: str, delay_seconds: float) -> None:
        """Make a message visible after a delay, unless somebody else received it meanwhile."""
        self._database.change(_AGAIN, (queue, *_parts(message_id), self._after(delay_seconds)), durable=False)

    def bury(self, queue: str, message_id: str, reason: str) -> None:
        """Move a message to the dead letters, unless somebody else received it meanwhile."""
        held = (queue, *_parts(message_id))
        at_ms = self._after(0)

        def work(tx: Tx) -> None:
            tx.run(_BURY, (*held, reason, at_ms))
            tx.run(_REMOVE, held)

        self._database.write(work)

    def quarantine(self, source: str, body: str, reason: str) -> None:
        """Keep a record that could not be read, beside the dead letters."""
        self._database.change(_QUARANTINE, (source, body, reason, self._after(0)))

    def dead_letters(self, queue: str | None, limit: int) -> tuple[DeadLetter, ...]:
        """Return dead letters, newest first."""
        return tuple(
            DeadLetter(
                letter_id=str(row[0]), queue=row[1], body=row[2], reason=row[3], attempts=row[4], at=from_ms(row[5])
            )
            for row in self._database.rows(_DEAD_LETTERS, (queue, limit))
        )

    def redrive(self, letter_ids: Sequence[str]) -> int:
        """Send dead letters to their queue again, attempts counted from 0; return how many."""
        if not letter_ids:
            return 0
        visible_ms = self._after(0)

        def work(tx: Tx) -> int:
            letters = tx.rows(_REDRIVE, (integers(map(int, letter_ids)),))
            return tx.run_many(_SEND, [(queue, None, body, visible_ms) for queue, body in letters])

        return self._database.write(work)

    def waiting(self) -> dict[str, int]:
        """Return how many messages each queue holds, hidden ones included."""
        return {row[0]: row[1] for row in self._database.rows(_WAITING)}

    def buried(self) -> dict[str, int]:
        """Return how many dead letters each queue, or source of quarantined records, has."""
        return {row[0]: row[1] for row in self._database.rows(_BURIED)}

    def next_visible_at(self) -> datetime | None:
        """Return when the next hidden message becomes visible."""
        return maybe_at(self._database.value(_NEXT_VISIBLE, (self._after(0),)))

    def _after(self, seconds: float) -> int:
        return to_ms(self._clock.now()) + round(seconds * 1000)


def _receive(tx: Tx, find: tuple[str, int, int], hidden_ms: int) -> tuple[QueueMessage, ...]:
    ids = [row[0] for row in tx.rows(_FIND, find)]
    if not ids:
        return ()
    taken = {row[0]: row for row in tx.rows(_RECEIVE, (integers(ids), hidden_ms))}
    return tuple(
        QueueMessage(message_id=f"{key}.{taken[key][2]}", body=taken[key][1], attempts=taken[key][2]) for key in ids
    )


def _parts(message_id: str) -> tuple[int, int]:
    key, _, attempts = message_id.partition(".")
    return int(key), int(attempts)
