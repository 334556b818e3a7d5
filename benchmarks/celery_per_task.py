"""(b) Celery and Redis, one task per notification, as its documentation would have it."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache

import requests

from benchmarks import celery_app, peers, side
from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, Job
from benchmarks.peers import Peer, PreparedPeer

NAME = "benchmarks.celery_per_task"
PREFETCH = 64
TIMEOUT_SECONDS = 20

app = celery_app.create(NAME, prefetch=PREFETCH)


@cache
def _session() -> requests.Session:
    """Return this process's session: its connection is kept, and no proxy is looked up for each call."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (ACCOUNT_SID, AUTH_TOKEN)
    session.headers["Content-Type"] = "application/x-www-form-urlencoded"
    return session


@app.task(name=f"{NAME}.send")
def send(row_id: int) -> None:
    """Record the intent, call the provider, record the outcome."""
    store = peers.store()
    [(_, to)] = store.intend([row_id])
    answer = _session().post(peers.messages_url(), data=peers.form(row_id, to), timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    store.sent([(row_id, answer.json()["sid"])])


@app.task(name=f"{NAME}.warm")
def warm() -> None:
    """Open this process's connections."""
    _session()
    peers.store()
    peers.mark_warm()


def _enqueue(ids: Sequence[int]) -> None:
    with app.producer_or_acquire() as producer:  # one connection for all, as the documentation advises
        for row_id in ids:
            send.apply_async((row_id,), producer=producer)


def _choose() -> Peer:
    app.conf.broker_url = peers.broker_url()
    return Peer(worker=celery_app.worker_command(NAME), warm=warm.apply_async, enqueue=_enqueue, synchronous="NORMAL")


@contextmanager
def open_side(job: Job) -> Generator[PreparedPeer]:
    """Prepare this side."""
    with peers.prepared(job, _choose) as prepared:
        yield prepared


if __name__ == "__main__":
    side.main(open_side)
