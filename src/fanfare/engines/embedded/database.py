"""One SQLite file, shared by the threads of a process and by processes.

Each thread has a connection of its own. Writers of one process queue for one lock, and whoever gets it commits all
that waits in one transaction (group commit): a flush to the disk costs 3.7 ms, and many small writers share it.
Between processes SQLite's own lock decides; ``BEGIN IMMEDIATE`` takes it at once, because a transaction that begins by
reading and then wants to write fails whatever the time-out.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (apsw's stubs lean on a Buffer type that Python 3.11 lacks)

import shutil
import threading
from array import array
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar
from weakref import WeakSet

import apsw

from fanfare.ports.faults import Permanent, Transient
from fanfare.telemetry import METRICS

Row: TypeAlias = tuple[Any, ...]
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
BUSY_ATTEMPTS_MAX = 3
"""Together with the time-out: a write gives up after 15 s behind another process."""
SAFE_SQLITE = (3, 51, 3)
"""Earlier ones may corrupt a WAL that two connections reset; 3.52.0 was withdrawn for another defect."""
PAGES_BEFORE_CHECKPOINT = 4_000
CACHE_KIB = 8_192
"""For each connection; every thread of a process has two, so a process of six stays below 300 MB."""
JOURNAL_BYTES_MAX = 64 * 1024 * 1024
FREE_BYTES_MIN = 128 * 1024
"""With less, SQLite may fail to map what its processes share, and calls that an I/O error."""


class Tx:
    """A connection inside a transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        """Work on a connection whose transaction somebody else begins and ends."""
        self._connection = connection

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a statement."""
        found: list[Any] = self._connection.execute(sql, bindings).fetchall()
        return found

    def value(self, sql: str, bindings: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - whatever the column holds
        """Return the first column of the first row, None without a row."""
        found = self.rows(sql, bindings)
        return found[0][0] if found else None

    def rows_of(self, sql: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """Run a statement for each row of bindings; return all that they answer, in order."""
        found: list[Any] = list(self._connection.executemany(sql, rows))
        return found

    def run(self, sql: str, bindings: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        before = self._connection.total_changes()
        self.rows(sql, bindings)
        return self._connection.total_changes() - before

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement for each row of bindings; return how many rows they changed."""
        before = self._connection.total_changes()
        for _ in self._connection.executemany(sql, rows):
            pass
        return self._connection.total_changes() - before


class Database:
    """Reads anywhere, writes in short transactions.

    Raises, from every method: Transient where another process holds the file too long or the disk is full, Permanent
    where the file is damaged or the disk failed. After a failed flush nothing is written any more: what the disk
    holds then is unknown, and repeating the flush could claim a success that never was.
    """

    def __init__(self, path: Path, *, flush: bool = True, secure_delete: bool = False) -> None:
        """Open or create the file. Without ``flush`` a commit survives no power cut (tests only)."""
        _refuse_unsafe_sqlite(apsw.sqlite_lib_version())
        self.path = path
        self._flush = flush
        self._secure_delete = secure_delete
        self._local = threading.local()
        self._connections: WeakSet[apsw.Connection] = WeakSet()
        self._gate = threading.Lock()
        self._writer = threading.Lock()
        self._waiting: list[_Job[Any]] = []
        self._broken: str | None = None

    @property
    def waiting(self) -> int:
        """How many works of this process wait for the next transaction."""
        return len(self._waiting)

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query."""
        with self._translated():
            return Tx(self._connection()).rows(sql, bindings)

    def row(self, sql: str, bindings: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, if any."""
        found = self.rows(sql, bindings)
        return found[0] if found else None

    def value(self, sql: str, bindings: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - whatever the column holds
        """Return the first column of the first row, None without a row."""
        found = self.row(sql, bindings)
        return found[0] if found else None

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run several queries over one unchanging state of the file."""
        with self._translated():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return work(Tx(connection))
            finally:
                connection.execute("ROLLBACK")

    def write(self, work: Callable[[Tx], T], *, durable: bool = True) -> T:
        """Run ``work`` in a write transaction, perhaps one with the works of other threads.

        ``work`` may run twice (when a neighbour in the same transaction fails), so it must have no effect outside
        the transaction. ``durable=False`` is for writes whose loss in a power cut only makes something *unknown*.
        """
        job = _Job(work, durable=durable)
        with self._gate:
            self._waiting.append(job)
        with self._writer:
            if not job.is_settled:
                self._commit_waiting()
        METRICS.store_writes.labels("failed" if job.has_failed else "done").inc()
        return job.result()

    def change(self, sql: str, bindings: Sequence[Any] = (), *, durable: bool = True) -> int:
        """Run one statement in a write transaction; return how many rows it changed."""
        return self.write(lambda tx: tx.run(sql, bindings), durable=durable)

    def checkpoint(self) -> bool:
        """Move all of the write-ahead log into the file and empty it; tell whether no reader was in the way."""
        with self._writer, self._translated():
            return Tx(self._connection()).value("PRAGMA wal_checkpoint(TRUNCATE)") == 0

    def connect(self) -> apsw.Connection:
        """Return a new connection, closed with the others."""
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        for statement in self._settings():
            connection.execute(statement)
        with self._gate:
            self._connections.add(connection)
        return connection

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._gate:
            connections = list(self._connections)
            self._connections = WeakSet()
        for connection in connections:
            connection.close()
        self._local = threading.local()

    def _settings(self) -> tuple[str, ...]:
        return (
            "PRAGMA journal_mode = WAL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA mmap_size = 0",
            f"PRAGMA cache_size = -{CACHE_KIB}",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA trusted_schema = OFF",
            f"PRAGMA secure_delete = {'ON' if self._secure_delete else 'OFF'}",
            f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}",
            f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}",
            f"PRAGMA synchronous = {'FULL' if self._flush else 'OFF'}",
        )

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.connect()
        return connection

    def _commit_waiting(self) -> None:
        with self._gate:
            jobs, self._waiting = self._waiting, []
        try:
            self._commit(jobs)
        except Exception as fault:  # noqa: BLE001 - handed to the caller whose work it is
            self._settle_one_by_one(jobs, fault)
        finally:
            for job in jobs:
                if not job.is_settled:
                    job.fail(Transient("interrupted before the transaction ended"))

    def _settle_one_by_one(self, jobs: "list[_Job[Any]]", fault: Exception) -> None:
        """One failing work must not fail its neighbours; alone it fails as itself."""
        if len(jobs) == 1 or self._broken:
            for job in jobs:
                job.fail(fault)
            return
        for job in jobs:
            try:
                self._commit([job])
            except Exception as own_fault:  # noqa: BLE001 - as above
                job.fail(own_fault)

    def _commit(self, jobs: "list[_Job[Any]]") -> None:
        with self._translated():
            connection = self._connection()
            self._set_durability(connection, durable=any(job.durable for job in jobs))
            _begin(connection)
            try:
                outcomes = [job.work(Tx(connection)) for job in jobs]
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.succeed(outcome)

    def _set_durability(self, connection: apsw.Connection, *, durable: bool) -> None:
        wanted = durable and self._flush
        if getattr(self._local, "durable", self._flush) is not wanted:
            connection.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")
            self._local.durable = wanted

    @contextmanager
    def _translated(self) -> Generator[None]:
        if self._broken:
            raise Permanent(self._broken)
        try:
            yield
        except (apsw.BusyError, apsw.LockedError) as error:
            raise Transient(f"{self.path.name} is held by another process", retry_after_seconds=1.0) from error
        except apsw.FullError as error:
            raise self._full() from error
        except (apsw.IOError, apsw.CorruptError, apsw.NotADBError) as error:
            if isinstance(error, apsw.IOError) and _is_full(self.path.parent):
                raise self._full() from error  # what the processes share beside the log cannot grow either
            self._broken = f"{self.path.name} cannot be trusted any more ({error}); stop, check the disk, restore"
            raise Permanent(self._broken) from error

    def _full(self) -> Transient:
        return Transient(f"the disk that holds {self.path.name} is full", retry_after_seconds=30.0)


class Watch:
    """Tells whether any other connection, of this process or another, committed to the file since the last look."""

    def __init__(self, database: Database) -> None:
        """Begin to watch; use it from one thread."""
        self._connection = database.connect()
        self._seen = self._version()

    def changed(self) -> bool:
        """Tell whether something was committed since the former call. Costs 3 us."""
        version = self._version()
        changed, self._seen = version != self._seen, version
        return changed

    def close(self) -> None:
        """Stop watching."""
        self._connection.close()

    def _version(self) -> int:
        return int(Tx(self._connection).value("PRAGMA data_version"))


def integers(values: Iterable[int]) -> Any:  # noqa: ANN401 - apsw's own binding type
    """Return a binding for ``carray(?)``. The array must not be empty."""
    return apsw.carray(array("q", values))


def strings(values: Iterable[str]) -> Any:  # noqa: ANN401 - apsw's own binding type
    """Return a binding for ``carray(?)``. The tuple must not be empty."""
    return apsw.carray(tuple(str(value) for value in values))


def blobs(values: Iterable[bytes]) -> Any:  # noqa: ANN401 - apsw's own binding type
    """Return a binding for ``carray(?)``. The tuple must not be empty."""
    return apsw.carray(tuple(values))


def _begin(connection: apsw.Connection) -> None:
    for attempt in range(1, BUSY_ATTEMPTS_MAX + 1):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            if attempt == BUSY_ATTEMPTS_MAX:
                raise
        else:
            return


def _is_full(folder: Path) -> bool:
    return folder.exists() and shutil.disk_usage(folder).free < FREE_BYTES_MIN


def _refuse_unsafe_sqlite(version: str) -> None:
    parts = tuple(int(part) for part in version.split("."))
    if parts < SAFE_SQLITE or parts[:2] == (3, 52):
        raise Permanent(f"SQLite {version} can corrupt a file that several processes write; install apsw >= 3.51.3")


class _Job(Generic[T]):
    """One piece of work that waits for its transaction."""

    __slots__ = ("_fault", "_outcome", "durable", "is_settled", "work")

    def __init__(self, work: Callable[[Tx], T], *, durable: bool) -> None:
        self.work = work
        self.durable = durable
        self.is_settled = False
        self._fault: Exception | None = None
        self._outcome: T | None = None

    def succeed(self, outcome: T) -> None:
        self._outcome, self.is_settled = outcome, True

    def fail(self, fault: Exception) -> None:
        self._fault, self.is_settled = fault, True

    @property
    def has_failed(self) -> bool:
        """Whether the store could not do it; a Conflict is an answer, not a failure."""
        return isinstance(self._fault, Transient | Permanent)

    def result(self) -> T:
        if self._fault is not None:
            raise self._fault
        return self._outcome  # pyright: ignore[reportReturnType] # settled without a fault: the work's own answer
