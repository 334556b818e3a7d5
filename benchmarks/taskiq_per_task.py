"""(b) taskiq and Redis, one task per notification: asynchronous from the broker to the provider."""

import asyncio
import json
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache

import aiohttp
from taskiq_redis import ListQueueBroker

from benchmarks import peers, side
from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, Job
from benchmarks.peers import Peer, PreparedPeer
from benchmarks.store import batches

NAME = "benchmarks.taskiq_per_task"
TASKS_AT_ONCE = 100
"""A process, and as many taken ahead."""
TIMEOUT_SECONDS = 20

broker = ListQueueBroker(peers.broker_url())


@cache
def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(ACCOUNT_SID, AUTH_TOKEN),
        connector=aiohttp.TCPConnector(limit=TASKS_AT_ONCE),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
    )


@broker.task(task_name=f"{NAME}.send")
async def send(row_id: int) -> None:
    """Record the intent, call the provider, record the outcome."""
    store = peers.store()
    [(_, to)] = store.intend([row_id])
    async with _session().post(peers.messages_url(), data=peers.form(row_id, to).encode()) as answer:
        answer.raise_for_status()
        sid = json.loads(await answer.read())["sid"]
    store.sent([(row_id, sid)])


@broker.task(task_name=f"{NAME}.warm")
async def warm() -> None:
    """Open this process's connections."""
    _session()
    peers.store()
    peers.mark_warm()


class _Queue:
    """The enqueuing side: one loop, one pool of connections."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._broker = ListQueueBroker(url)
        self._loop.run_until_complete(self._broker.startup())

    def warm(self) -> None:
        """Enqueue one warming task."""
        self._loop.run_until_complete(warm.kicker().with_broker(self._broker).kiq())

    def enqueue(self, ids: Sequence[int]) -> None:
        """Enqueue a task for each row, a hundred at once."""
        self._loop.run_until_complete(self._enqueue(ids))

    async def _enqueue(self, ids: Sequence[int]) -> None:
        for batch in batches(ids, TASKS_AT_ONCE):
            await asyncio.gather(*(send.kicker().with_broker(self._broker).kiq(row_id) for row_id in batch))


def _choose() -> Peer:
    queue = _Queue(peers.broker_url())
    # fmt: off
    command = [
        sys.executable, "-m", "taskiq", "worker", f"{NAME}:broker", "--workers", str(peers.WORKERS),
        "--max-async-tasks", str(TASKS_AT_ONCE), "--max-prefetch", str(TASKS_AT_ONCE), "--ack-type", "when_received",
        "--log-level", "WARNING",
    ]
    # fmt: on
    return Peer(worker=command, warm=queue.warm, enqueue=queue.enqueue, synchronous="NORMAL")


@contextmanager
def open_side(job: Job) -> Generator[PreparedPeer]:
    """Prepare this side."""
    with peers.prepared(job, _choose) as prepared:
        yield prepared


if __name__ == "__main__":
    side.main(open_side)
