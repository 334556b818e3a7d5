"""The embedded engine's schema and change log with nothing above them: what the floor and the peers keep rows in.

The peers get SQLite, not a database server: no socket, no second process, no parsing of a wire protocol, which is
kinder to them than what they usually run on.
"""

import time
from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from benchmarks.job import phone
from fanfare.engines.embedded import sql

BATCH_MAX = 5_000
OPENS_IN_MS = 30 * 60 * 1000

_APPEND = sql.statement("changes.append_notifications")
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 4000",
)
_GROUND = """
INSERT INTO event (event_id, version, status, body) VALUES ('E1', 1, 'onsale', '{}');
INSERT INTO sale (sale_key, sale_id, event_id, kind, name, status, revision, version)
    VALUES (1, 'E1:public', 'E1', 'public', 'Public', 'scheduled', 1, 1);
INSERT INTO occasion (occasion_key, kind, name) VALUES (1, 'sale', 'E1:public');
INSERT INTO target (target_key, target) VALUES (1, 'event:E1');
"""
_FAN = "INSERT INTO fan (fan_id, fan_ref) VALUES (?, ?)"
_CONTACT = """
INSERT INTO contact (contact_id, fan_ref, channel, address_hash, sealed, phone_zones, zone, region)
VALUES (?1, ?1, 'sms', ?2, ?2, 'America/Toronto', 'America/Toronto', 'CA-ON')
"""
_DEMAND = """
INSERT INTO demand (demand_key, target_key, fan_ref, brand, channel, contact_id, locale, consent_ms, consent_text_id,
    consent_source, consent_intake, recorded_ms, active, version)
VALUES (?1, 1, ?1, 'ticketmaster', 'sms', ?1, 'en-ca', 0, 'T1', 'door', 'door', 0, 1, 1)
"""
_GENERATE = """
INSERT INTO notification (occasion_key, fan_ref, channel, kind, contact_id, sale_key, sale_revision, brand, sender,
    locale, state, late, send_ms, wake_ms, cut_off_ms, created_ms)
SELECT 1, fan_ref, channel, 'reminder', contact_id, 1, 1, brand, 'sms', locale, 'CREATED', 0, ?1, ?1, ?2, ?1
FROM demand WHERE target_key = 1 AND active AND fan_ref > ?3 ORDER BY fan_ref LIMIT ?4
"""
_NEW_IDS = "SELECT id FROM notification WHERE id > ?"
_TRIGGER = """
UPDATE notification SET state = 'TRIGGERED', version = version + 1, triggered_ms = ?2
WHERE id IN (SELECT value FROM carray(?1))
"""
_INTEND = """
UPDATE notification SET state = 'QUEUED', version = version + 1, attempts = attempts + 1, queued_ms = ?2
WHERE id IN (SELECT value FROM carray(?1)) AND state = 'TRIGGERED'
"""
_SENT = """
UPDATE notification SET state = 'SENT', version = version + 1, sent_ms = ?3, provider = 'twilio', provider_id = ?2
WHERE id = ?1
"""
_DELIVER = """
UPDATE notification SET state = 'DELIVERED', version = version + 1, ended_ms = ?2, wake_ms = NULL
WHERE id IN (SELECT value FROM carray(?1))
"""
_ADDRESSES = """
SELECT n.id, c.sealed FROM carray(?1) AS wanted
JOIN notification AS n ON n.id = wanted.value JOIN contact AS c ON c.contact_id = n.contact_id
"""
_SENT_AMONG = """
SELECT n.id FROM carray(?1) AS wanted JOIN notification AS n ON n.id = wanted.value WHERE n.state = 'SENT'
"""
_DELIVERED = "SELECT count(*) FROM notification WHERE state = 'DELIVERED'"
_LOGGED = "SELECT count(*) FROM change WHERE record_type = 'notification'"


class Store:
    """One connection to one file. ``synchronous`` is SQLite's: FULL flushes each commit, NORMAL none."""

    def __init__(self, path: Path, *, synchronous: str = "FULL", create: bool = False) -> None:
        self._connection = apsw.Connection(str(path))
        self._connection.set_busy_timeout(30_000)
        for setting in (*_SETTINGS, f"PRAGMA synchronous = {synchronous}"):
            self._connection.execute(setting)
        if create:
            self._connection.execute(sql.schema("store"))

    def fill(self, fans: int) -> None:
        """Opt in that many fans to one sale: not measured."""
        with self._writing() as tx:
            tx.execute(_GROUND)
            tx.executemany(_FAN, ((f"fan-{n}", n) for n in range(1, fans + 1)))
            tx.executemany(_CONTACT, ((n, phone(n - 1).encode()) for n in range(1, fans + 1)))
            tx.executemany(_DEMAND, ((n,) for n in range(1, fans + 1)))

    def generate(self) -> range:
        """Insert every row of the sale, CREATED, in batches; return their ids."""
        last = 0
        while ids := self._generate_batch(last):
            last = ids[-1]
        return range(1, last + 1)

    def trigger(self, ids: Sequence[int]) -> None:
        """Move CREATED rows to TRIGGERED, in batches."""
        for batch in batches(ids, BATCH_MAX):
            with self._writing() as tx:
                tx.execute(_TRIGGER, (_array(batch), now_ms()))
                _append(tx, batch, "CREATED")

    def intend(self, ids: Sequence[int]) -> list[tuple[int, str]]:
        """Move TRIGGERED rows to QUEUED, before their calls; return (id, phone) of each.

        Raises:
            LookupError: some were not TRIGGERED, so that they may have been sent.
        """
        with self._writing() as tx:
            before = tx.total_changes()
            tx.execute(_INTEND, (_array(ids), now_ms()))
            if tx.total_changes() - before != len(ids):
                raise LookupError("a row was not TRIGGERED any more")
            _append(tx, ids, "TRIGGERED")
            rows = tx.execute(_ADDRESSES, (_array(ids),)).fetchall()
        return [(row[0], row[1].decode()) for row in rows]

    def sent(self, sids: Sequence[tuple[int, str]]) -> None:
        """Move QUEUED rows, given as (id, provider's id), to SENT."""
        at_ms = now_ms()
        with self._writing() as tx:
            tx.executemany(_SENT, ((row_id, sid, at_ms) for row_id, sid in sids))
            _append(tx, [row_id for row_id, _ in sids], "QUEUED")

    def deliver(self, ids: Iterable[int]) -> set[int]:
        """Move SENT rows to DELIVERED; return those that are not SENT yet, because their report overtook them."""
        wanted = sorted(set(ids))
        if not wanted:
            return set()
        with self._writing() as tx:
            ready = [row[0] for row in tx.execute(_SENT_AMONG, (_array(wanted),)).fetchall()]
            if ready:
                tx.execute(_DELIVER, (_array(ready), now_ms()))
                _append(tx, ready, "SENT")
        return set(wanted).difference(ready)

    def delivered(self) -> int:
        """Count DELIVERED rows."""
        return self._count(_DELIVERED)

    def logged(self) -> int:
        """Count the change log's rows of notifications."""
        return self._count(_LOGGED)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _count(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchall()[0][0])

    def _generate_batch(self, last: int) -> list[int]:
        at_ms = now_ms()
        with self._writing() as tx:
            tx.execute(_GENERATE, (at_ms, at_ms + OPENS_IN_MS, last, BATCH_MAX))
            ids = [row[0] for row in tx.execute(_NEW_IDS, (last,)).fetchall()]
            if ids:
                _append(tx, ids, None)
        return ids

    @contextmanager
    def _writing(self) -> Generator[apsw.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def now_ms() -> int:
    """Return the present instant, epoch milliseconds."""
    return time.time_ns() // 1_000_000


def batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut a sequence into pieces."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _append(tx: apsw.Connection, ids: Sequence[int], old_state: str | None) -> None:
    tx.execute(_APPEND, (_array(ids), old_state, now_ms()))


def _array(ids: Sequence[int]) -> Any:  # noqa: ANN401 - apsw's own binding type
    return apsw.carray(array("q", ids))
