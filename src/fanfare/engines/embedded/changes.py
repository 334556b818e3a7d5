"""The change log: written with the records in one transaction, read by position, digested, pruned."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from fanfare.engines.embedded import notification_images
from fanfare.engines.embedded.database import Database, Row, Tx, integers, strings
from fanfare.engines.embedded.sql import statement
from fanfare.model.change import Change, RecordType
from fanfare.model.instant import from_ms, to_ms
from fanfare.ports.faults import Conflict

SCAN_MAX = 50_000
"""How far one read looks for wanted types; an empty answer may have moved the position."""
HOUR_MS = 3_600_000

_APPEND = statement("changes.append")
_APPEND_NOTIFICATIONS = statement("changes.append_notifications")
_APPEND_DEMANDS = statement("changes.append_demands")
_READ = statement("changes.read")
_READ_OTHERS = statement("changes.read/others")
_ENDS = statement("changes.read/ends")
_DIGEST_START = statement("changes.digest/start")
_DIGEST_END = statement("changes.digest/end")
_DIGEST_ROWS = statement("changes.digest/rows")
_DIGEST_PUT = statement("changes.digest/put")
_DIGESTS = statement("changes.digests")
_REACHED = statement("changes.reached")
_PRUNE_OLD = statement("changes.prune/old")
_PRUNE = statement("changes.prune")
_POSITION = statement("checkpoints.get")
_MOVE = statement("checkpoints.move")
_MOVE_FIRST = statement("checkpoints.move/first")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDigest:
    """What the log held for one hour and type: for the audit, after the changes themselves were pruned."""

    hour_at: datetime
    record_type: RecordType
    from_sequence: int
    to_sequence: int
    count: int
    key_hash: bytes
    """SHA-256 over ``key|version`` lines in the order of the log."""


class Changes:
    """The log of one store. A position is a sequence number as text."""

    def __init__(self, database: Database) -> None:
        """Read the log of this file."""
        self._database = database

    def read(self, after: str | None, record_types: Sequence[RecordType], limit: int) -> tuple[tuple[Change, ...], str]:
        """Return changes after a position, and where reading stands; looks at 50,000 numbers at most."""
        return self._database.read(lambda tx: _read(tx, after, record_types, limit))

    def unread(self) -> dict[str, int]:
        """Return how many changes lie behind the position of each consumer (a checkpoint named ``changes:<name>``)."""

        def work(tx: Tx) -> dict[str, int]:
            last: int = tx.rows(_ENDS)[0][1] or 0
            return {name: max(0, last - _number(position)) for name, position in tx.rows(_REACHED)}

        return self._database.read(work)

    def digest(self, now: datetime) -> int:
        """Digest the changes of the hours that have ended; return how many digests. Run it before ``prune``."""
        return self._database.write(lambda tx: _digest(tx, to_ms(now) // HOUR_MS * HOUR_MS))

    def digests(self, record_type: RecordType) -> tuple[ChangeDigest, ...]:
        """Return the digests of a type, oldest first."""
        return tuple(
            ChangeDigest(
                hour_at=from_ms(row[0]),
                record_type=RecordType(row[1]),
                from_sequence=row[2],
                to_sequence=row[3],
                count=row[4],
                key_hash=row[5],
            )
            for row in self._database.rows(_DIGESTS, (record_type,))
        )

    def prune(self, *, before: datetime, limit: int = 50_000) -> int:
        """Delete digested changes older than an instant that every consumer has passed; return how many.

        A consumer is a checkpoint whose name begins with ``changes:``; one that cannot be read holds everything.
        """

        def work(tx: Tx) -> int:
            digested: int = tx.value(_PRUNE_OLD, (to_ms(before),)) or 0
            reached = [_number(position) for _, position in tx.rows(_REACHED)]
            return tx.run(_PRUNE, (min((digested, *reached)), limit))

        return self._database.write(work)


class Checkpoints:
    """Named positions, each moved only from where its mover believes it stands."""

    def __init__(self, database: Database) -> None:
        """Keep the positions in this file."""
        self._database = database

    def get(self, name: str) -> str | None:
        """Return the position stored under the name."""
        position: str | None = self._database.value(_POSITION, (name,))
        return position

    def move(self, name: str, *, expected: str | None, to: str) -> None:
        """Store a new position; Conflict when another was stored meanwhile.

        A power cut may take it back, together with whatever was written after it, never what was written before.
        """
        if expected is None:
            moved = self._database.change(_MOVE_FIRST, (name, to), durable=False)
        else:
            moved = self._database.change(_MOVE, (name, to, expected), durable=False)
        if not moved:
            raise Conflict(f"checkpoint {name} is not at {expected}")


def append(tx: Tx, record_type: RecordType, *, key: str, version: int, states: tuple[str | None, str], at_ms: int,
           image: bytes) -> None:  # fmt: skip
    """Add the change of one record, inside the transaction that made it."""
    tx.run(_APPEND, (record_type, key, version, *states, at_ms, image.decode()))


def append_notifications(tx: Tx, ids: Iterable[int], old_state: str | None, at_ms: int) -> None:
    """Add the changes of notifications that all came from one state."""
    tx.run(_APPEND_NOTIFICATIONS, (integers(ids), old_state, at_ms))


def append_demands(tx: Tx, keys: Iterable[int], old_state: str | None, at_ms: int) -> None:
    """Add the changes of demands that all came from one state."""
    tx.run(_APPEND_DEMANDS, (integers(keys), old_state, at_ms))


def _read(tx: Tx, after: str | None, types: Sequence[RecordType], limit: int) -> tuple[tuple[Change, ...], str]:
    first, last = tx.rows(_ENDS)[0]
    if last is None or (after is not None and int(after) >= last):
        return (), after or "0"
    start = max(int(after or 0), first - 1)
    if RecordType.NOTIFICATION in types:
        end, sql = min(start + SCAN_MAX, last), _READ
    else:
        end, sql = last, _READ_OTHERS
    rows = tx.rows(sql, (start, end, strings(types), limit))
    position = rows[-1][0] if len(rows) == limit else end
    return tuple(_change(row) for row in rows), str(position)


def _change(row: Row) -> Change:
    sequence, record_type, key, version, old_state, new_state, at_ms, image = row
    return Change(
        sequence=sequence,
        record_type=RecordType(record_type),
        key=key,
        version=version,
        old_state=old_state,
        new_state=new_state,
        at=from_ms(at_ms),
        image=_image(record_type, key, version, new_state, image),
    )


def _image(record_type: str, key: str, version: int, state: str, stored: str) -> bytes:
    if record_type == RecordType.NOTIFICATION:
        return notification_images.image(key, version, state, stored)
    return stored.encode()


def _digest(tx: Tx, hour_end_ms: int) -> int:
    start: int = tx.value(_DIGEST_START) or 0
    end: int | None = tx.value(_DIGEST_END, (start, hour_end_ms))
    if end is None or end <= start:
        return 0
    rows = tx.rows(_DIGEST_ROWS, (start, end))
    written = 0
    for record_type, group in groupby(sorted(rows, key=itemgetter(1, 0)), key=itemgetter(1)):
        members = list(group)
        key_hash = hashlib.sha256("".join(f"{row[2]}|{row[3]}\n" for row in members).encode()).digest()
        bounds = (members[0][0], members[-1][0], len(members))
        written += tx.run(_DIGEST_PUT, (hour_end_ms - HOUR_MS, record_type, *bounds, key_hash))
    return written


def _number(position: str) -> int:
    return int(position) if position.isdecimal() else 0
