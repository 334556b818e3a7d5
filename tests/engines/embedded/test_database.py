"""One file, many threads: every work is done once, alone it fails alone, and what is flushed is flushed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from fanfare.engines.embedded import database as module
from fanfare.engines.embedded.database import Database, Tx, Watch, blobs, integers, strings
from fanfare.ports.faults import Permanent, Transient


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db")
    made.write(lambda tx: tx.run("CREATE TABLE t (x INTEGER PRIMARY KEY, y)"))
    yield made
    made.close()


def add(tx: Tx, number: int) -> int:
    return tx.run("INSERT INTO t (x) VALUES (?)", (number,))


def numbers(database: Database) -> list[int]:
    return [row[0] for row in database.rows("SELECT x FROM t ORDER BY x")]


def test_many_threads_write_and_nothing_is_lost(database: Database) -> None:
    def add_one(number: int) -> int:
        return database.write(lambda tx: add(tx, number))

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(add_one, range(400)))

    assert written == [1] * 400
    assert numbers(database) == list(range(400))


def test_writers_that_wait_share_one_transaction(database: Database) -> None:
    """While one writer is inside, others queue; whoever comes next commits them all together."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> int:
        inside.set()
        go_on.wait(10)
        return add(tx, 1)

    watch = Watch(database)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(database.write, slow)
        inside.wait(10)
        others = [pool.submit(database.write, lambda tx, number=number: add(tx, number)) for number in range(2, 7)]
        while database.waiting < 5:
            pass
        log_before = database.path.with_name("x.db-wal").stat().st_size
        go_on.set()
        assert [each.result(10) for each in (first, *others)] == [1] * 6
    assert watch.changed()
    watch.close()
    pages = (database.path.with_name("x.db-wal").stat().st_size - log_before) // 4096
    assert numbers(database) == [1, 2, 3, 4, 5, 6]
    assert pages <= 2  # two transactions of one page each, not six


def test_a_failing_work_does_not_fail_its_neighbours(database: Database) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> int:
        inside.set()
        go_on.wait(10)
        return add(tx, 1)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(database.write, slow)
        inside.wait(10)
        good = pool.submit(database.write, lambda tx: add(tx, 2))
        bad = pool.submit(database.write, lambda tx: add(tx, 1))
        last = pool.submit(database.write, lambda tx: add(tx, 3))
        go_on.set()
        assert (first.result(10), good.result(10), last.result(10)) == (1, 1, 1)
        with pytest.raises(apsw.ConstraintError):
            bad.result(10)

    assert numbers(database) == [1, 2, 3]


def test_a_work_that_raises_leaves_nothing(database: Database) -> None:
    def half(tx: Tx) -> None:
        add(tx, 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(half)

    assert numbers(database) == []
    assert database.write(lambda tx: add(tx, 2)) == 1


def test_a_read_of_several_queries_sees_one_state(database: Database) -> None:
    def work(tx: Tx) -> tuple[int, int]:
        before: int = tx.value("SELECT count(*) FROM t")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(database.write, lambda tx: add(tx, 1)).result()
        after: int = tx.value("SELECT count(*) FROM t")
        return before, after

    assert database.read(work) == (0, 0)
    assert numbers(database) == [1]


def test_another_process_that_holds_the_file_too_long_is_a_transient_fault(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 5)
    holder = Database(database.path)
    impatient = Database(database.path)

    def hold(tx: Tx) -> None:
        assert tx.value("SELECT count(*) FROM t") == 0  # having read only, it must already hold the file
        with pytest.raises(Transient, match="another process"):
            impatient.write(lambda tx: add(tx, 2))
        add(tx, 1)

    holder.write(hold)
    assert impatient.write(lambda tx: add(tx, 2)) == 1
    holder.close()
    impatient.close()


def test_a_damaged_file_is_told_and_never_written_again(database: Database) -> None:
    database.write(lambda tx: tx.run_many("INSERT INTO t (x, y) VALUES (?, ?)", [(n, "y" * 900) for n in range(100)]))
    database.checkpoint()
    database.close()
    content = bytearray(database.path.read_bytes())
    content[4096:20480] = b"\xff" * 16384
    database.path.write_bytes(content)
    damaged = Database(database.path)

    with pytest.raises(Permanent, match="restore"):
        damaged.rows("SELECT * FROM t")
    with pytest.raises(Permanent, match="restore"):
        damaged.write(lambda tx: add(tx, 1000))
    damaged.close()


def test_a_watch_sees_commits_of_other_connections(database: Database) -> None:
    watch = Watch(database)
    other = Database(database.path)

    assert not watch.changed()
    other.write(lambda tx: add(tx, 1))
    assert watch.changed()
    assert not watch.changed()
    other.rows("SELECT * FROM t")
    assert not watch.changed()
    watch.close()
    other.close()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_a_write_that_may_be_lost_is_not_flushed(database: Database, durable: bool, level: int) -> None:  # noqa: FBT001
    found = database.write(lambda tx: tx.value("PRAGMA synchronous"), durable=durable)

    assert found == level


def test_arrays_reach_sqlite_as_what_they_are(database: Database) -> None:
    def types(array: object) -> list[tuple[object, ...]]:
        return database.rows("SELECT typeof(value), value FROM carray(?)", (array,))

    assert types(integers([1, -(1 << 63)])) == [("integer", 1), ("integer", -(1 << 63))]
    assert types(strings(["é", ""])) == [("text", "é"), ("text", "")]
    assert types(blobs([b"\0\1", b"'"])) == [("blob", b"\0\1"), ("blob", b"'")]


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.52.0"])
def test_a_sqlite_that_can_corrupt_its_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)

    with pytest.raises(Permanent, match=version):
        Database(tmp_path / "x.db")


def test_a_full_disk_that_seemed_a_broken_one_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_tx: Tx) -> None:
        raise apsw.IOError("disk I/O error")

    monkeypatch.setattr(module, "FREE_BYTES_MIN", 1 << 80)
    with pytest.raises(Transient, match="is full"):
        database.read(fail)

    assert numbers(database) == [], "and the file is trusted as before"

    monkeypatch.setattr(module, "FREE_BYTES_MIN", 0)
    with pytest.raises(Permanent, match="cannot be trusted"):
        database.read(fail)
