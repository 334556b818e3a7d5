"""Several processes on one data directory: nothing is lost, nothing is half, a kill leaves all or nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType

PRELUDE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
clock = SteppedClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
engine = EmbeddedEngine.open(Path(sys.argv[1]), Path(sys.argv[2]), clock=clock)
"""
"""Every process by the clock of the test's own engine: whatever the day is, what one sends the other can see."""

SENDER = """
for number in range(200):
    engine.queues.send("q", [f"{sys.argv[3]}-{number}"])
"""

HALF = """
def work(tx):
    put = "INSERT INTO queue_message (queue, body, visible_ms) VALUES ('half', ?, 0)"
    tx.run_many(put, [(str(number),) for number in range(20_000)])
    print("inside", flush=True)
    sys.stdin.read()

engine.store.write(work)
"""

COMMITTED = """
engine.queues.send("whole", [str(number) for number in range(1000)])
print("committed", flush=True)
sys.stdin.read()
"""


def start(program: str, data_dir: Path, key_file: Path, *more: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", PRELUDE + program, str(data_dir), str(key_file), *more]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill_when_it_says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_two_processes_write_at_once_and_nothing_is_lost(
    engine: EmbeddedEngine, data_dir: Path, key_file: Path
) -> None:
    watch = engine.watch()
    writers = [start(SENDER, data_dir, key_file, name) for name in ("a", "b")]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    for writer in writers:
        writer.communicate()

    bodies = [message.body for message in engine.queues.receive("q", 1000, 60)]
    assert sorted(bodies) == sorted(f"{name}-{number}" for name in "ab" for number in range(200))
    assert watch.changed()
    watch.close()


def test_a_kill_inside_a_transaction_leaves_nothing_of_it(
    engine: EmbeddedEngine, data_dir: Path, key_file: Path
) -> None:
    kill_when_it_says(start(HALF, data_dir, key_file), "inside")

    assert engine.queues.waiting() == {}
    assert engine.store.value("PRAGMA integrity_check") == "ok"
    engine.queues.send("q", ["the lock is free"])


def test_a_kill_after_a_commit_leaves_all_of_it(engine: EmbeddedEngine, data_dir: Path, key_file: Path) -> None:
    kill_when_it_says(start(COMMITTED, data_dir, key_file), "committed")

    assert engine.queues.waiting() == {"whole": 1000}


def test_a_fan_forgotten_elsewhere_cannot_be_opened_here(
    engine: EmbeddedEngine, data_dir: Path, key_file: Path
) -> None:
    sealed = engine.vault.seal([1, 2], ["+15550100001", "+15550100002"])  # pyright: ignore[reportArgumentType]
    other = EmbeddedEngine.open(data_dir, key_file)

    other.vault.forget(1)  # pyright: ignore[reportArgumentType]
    other.close()

    assert engine.vault.open([1, 2], sealed) == (None, "+15550100002")  # pyright: ignore[reportArgumentType]


def test_a_crash_between_tombstone_and_key_is_finished_at_the_next_start(
    engine: EmbeddedEngine, data_dir: Path, key_file: Path
) -> None:
    (sealed,) = engine.vault.seal([1], ["+15550100001"])  # pyright: ignore[reportArgumentType]
    (data_dir / "tombstones").write_text("1 1795176000000\n")

    again = EmbeddedEngine.open(data_dir, key_file)

    assert again.vault.open([1], [sealed]) == (None,)  # pyright: ignore[reportArgumentType]
    assert again.store.value("SELECT destroyed_ms FROM forgotten WHERE fan_ref = 1") == 1795176000000
    assert again.changes.read(None, list(RecordType), 1)[0] == ()
    again.close()
