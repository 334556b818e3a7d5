"""(c) Celery in chunks of 500, an async client, set-wise SQL: the strongest thing that a good engineer builds by hand.

Each task records 500 intents in one flushed commit, as Fanfare does, sends them over 200 kept connections with aiohttp
on uvloop, and records 500 outcomes in one commit.
"""

import asyncio
import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache

import aiohttp
import uvloop

from benchmarks import celery_app, peers, side
from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, Job
from benchmarks.peers import Peer, PreparedPeer
from benchmarks.store import batches

NAME = "benchmarks.celery_chunks"
CHUNK = 500
CONNECTIONS = 100
"""A process; the two together have 200, as Fanfare and the floor."""
TIMEOUT_SECONDS = 20

app = celery_app.create(NAME, prefetch=1)  # a task is long: what one process cannot begin, the other may take


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return uvloop.new_event_loop()


@cache
def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        auth=aiohttp.BasicAuth(ACCOUNT_SID, AUTH_TOKEN),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
    )


async def _open_session() -> None:
    _session()


async def _send_all(rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Post a text to each (id, phone), as many at once as there are connections."""
    session, url = _session(), peers.messages_url()
    waiting = iter(rows)
    sent: list[tuple[int, str]] = []

    async def send_in_turn() -> None:
        for row_id, to in waiting:
            async with session.post(url, data=peers.form(row_id, to).encode()) as answer:
                answer.raise_for_status()
                sent.append((row_id, json.loads(await answer.read())["sid"]))

    await asyncio.gather(*(send_in_turn() for _ in range(CONNECTIONS)))
    return sent


@app.task(name=f"{NAME}.send_chunk")
def send_chunk(ids: list[int]) -> None:
    """Record the intents, call the provider, record the outcomes."""
    store = peers.store("FULL")
    store.sent(sorted(_loop().run_until_complete(_send_all(store.intend(ids)))))


@app.task(name=f"{NAME}.warm")
def warm() -> None:
    """Open this process's connections."""
    _loop().run_until_complete(_open_session())
    peers.store("FULL")
    peers.mark_warm()


def _enqueue(ids: Sequence[int]) -> None:
    with app.producer_or_acquire() as producer:
        for chunk in batches(ids, CHUNK):
            send_chunk.apply_async((list(chunk),), producer=producer)


def _choose() -> Peer:
    app.conf.broker_url = peers.broker_url()
    return Peer(worker=celery_app.worker_command(NAME), warm=warm.apply_async, enqueue=_enqueue, synchronous="FULL")


@contextmanager
def open_side(job: Job) -> Generator[PreparedPeer]:
    """Prepare this side."""
    with peers.prepared(job, _choose) as prepared:
        yield prepared


if __name__ == "__main__":
    side.main(open_side)
