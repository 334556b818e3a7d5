"""Redis for the peers: on a free port of the loopback, in memory only, ended with the run."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from benchmarks.processes import program, running, wait_for

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A Redis that answers."""

    url: str
    pid: int


@contextmanager
def started(folder: Path) -> Generator[Broker]:
    """Run a Redis that keeps nothing on the disk.

    Raises:
        MissingProgramError: there is none.
        TimeoutError: it does not answer.
    """
    port = _free_port()
    # fmt: off
    command = [
        program("redis-server"), "--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no",
        "--dir", str(folder),
    ]
    # fmt: on
    with running(command, log=folder / "redis.log") as process, redis.Redis(host=HOST, port=port) as client:
        wait_for(lambda: _answers(client), what="redis-server answers")
        yield Broker(url=f"redis://{HOST}:{port}/0", pid=process.pid)


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
