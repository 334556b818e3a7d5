"""What the peers share: where they find things, how they are started and warmed, and how their job goes.

Each peer is given what a good engineer would give it: a broker without persistence, two worker processes on two
cores, early acknowledgement, a deep prefetch, no results, no events, no gossip, JSON, connections that are kept, and
set-wise SQL wherever its own unit of work allows. Rows are inserted, released and DELIVERED set-wise for all of them.
"""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import processes, redis_broker
from benchmarks.job import SENDER_ADDRESS, TEXT, Job
from benchmarks.report_stream import ReportStream, callback
from benchmarks.store import Store

WORKERS = 2
FOLDER_VARIABLE = "BENCH_FOLDER"
BROKER_VARIABLE = "BENCH_BROKER_URL"
MESSAGES_VARIABLE = "BENCH_MESSAGES_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """How one peer differs from another."""

    worker: Sequence[str]
    """The command that runs its workers."""
    warm: Callable[[], object]
    """Enqueue a task that marks its process as warm."""
    enqueue: Callable[[Sequence[int]], None]
    """Enqueue all that is to be sent, given row ids."""
    synchronous: str
    """How its workers commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPeer:
    """A side whose workers wait for tasks."""

    job: Job
    store: Store
    peer: Peer
    parts: Mapping[str, int]

    def run(self) -> int:
        """As the protocol says."""
        ids = self.store.generate()
        self.store.trigger(ids)
        self.peer.enqueue(ids)
        ReportStream(self.job.provider_url, self.store).follow(len(ids))
        return self.store.delivered()


@contextmanager
def prepared(job: Job, choose: Callable[[], Peer]) -> Generator[PreparedPeer]:
    """Start broker and workers, and wait until each worker process has done a task."""
    with redis_broker.started(job.folder) as broker:
        environment = {
            FOLDER_VARIABLE: str(job.folder), BROKER_VARIABLE: broker.url, MESSAGES_VARIABLE: job.messages_url
        }  # fmt: skip
        os.environ.update(environment)
        peer = choose()
        store = Store(job.folder / "store.db", synchronous=peer.synchronous, create=True)
        store.fill(job.fans)
        with processes.running(peer.worker, log=job.folder / "worker.log", environment=environment) as worker:
            _warm(job.folder, peer)
            parts = {"enqueuer and reports": os.getpid(), "workers": worker.pid, "redis": broker.pid}
            yield PreparedPeer(job=job, store=store, peer=peer, parts=parts)
        store.close()


def _warm(folder: Path, peer: Peer) -> None:
    """Enqueue tasks until every worker process has done one: imports, forks and connections are not measured."""

    def is_warm() -> bool:
        peer.warm()
        return len(list(folder.glob("warm-*"))) >= WORKERS

    processes.wait_for(is_warm, what=f"{WORKERS} worker processes took a task each", seconds=60)
    processes.wait_for(lambda: not _waiting(), what="the warming tasks were done")


def _waiting() -> int:
    import redis  # noqa: PLC0415 - workers import this module and need none of their own

    with redis.Redis.from_url(broker_url()) as client:
        return sum(int(client.llen(key)) for key in client.scan_iter() if client.type(key) == b"list")


def mark_warm() -> None:
    """Say that this process takes tasks."""
    (folder() / f"warm-{os.getpid()}").touch()


def folder() -> Path:
    """Return where this run writes."""
    return Path(os.environ[FOLDER_VARIABLE])


def broker_url() -> str:
    """Return where the broker is; a worker has it from its environment."""
    return os.environ.get(BROKER_VARIABLE, "redis://127.0.0.1:1/0")


def messages_url() -> str:
    """Return where a text is created."""
    return os.environ[MESSAGES_VARIABLE]


@cache
def store(synchronous: str = "NORMAL") -> Store:
    """Return this process's own connection to the rows."""
    return Store(folder() / "store.db", synchronous=synchronous)


def form(row_id: int, to: str) -> str:
    """Return a text as the provider wants it."""
    fields = {
        "To": to,
        "From": SENDER_ADDRESS,
        "Body": TEXT,
        "ValidityPeriod": "1800",
        "StatusCallback": callback(row_id),
    }
    return urlencode(fields)
