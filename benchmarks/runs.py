"""Runs sides, one after the other, in turns, and keeps what each run cost."""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from select import select
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit

from benchmarks import measure
from benchmarks.job import Job, check
from benchmarks.measure import Reading
from benchmarks.processes import line_from, module, talking

SIDES = {
    "fanfare": "fanfare_side",
    "floor": "floor",
    "celery_chunks": "celery_chunks",
    "taskiq_per_task": "taskiq_per_task",
    "celery_per_task": "celery_per_task",
}
"""Name of each side, and its module."""
PROVIDER = "provider"
APART = frozenset({PROVIDER, "web", "lake"})
"""Parts that are printed, and not counted as the side's own."""
MEMORY_EVERY_SECONDS = 0.5
END_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of one side cost, from the request to the last DELIVERED."""

    side: str
    fans: int
    wall_seconds: float
    cpu_seconds: Mapping[str, float]
    """By part."""
    memory: Sequence[tuple[float, Mapping[str, int]]]
    """(seconds since the request, resident bytes by part), every half second."""
    foreign_cores: float
    """Processor cores that others kept busy meanwhile: a number far from 0 spoils the run."""

    @property
    def cost_us(self) -> float:
        """CPU of the side's own parts, microseconds a notification."""
        own = sum(seconds for part, seconds in self.cpu_seconds.items() if part not in APART)
        return own / self.fans * 1_000_000

    def peak_bytes(self, part: str) -> int:
        """Return the most memory that a part held at once."""
        return max(rss_bytes[part] for _, rss_bytes in self.memory)


class PreparedSide:
    """A side in a process of its own, waiting for the word."""

    def __init__(self, process: Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self.parts: dict[str, int] = self._hear()["parts"]

    def go(self) -> None:
        """Let it do its job."""
        self._say("go")

    def wait(self) -> int:
        """Wait until it is done; return how many rows are DELIVERED."""
        return int(self._hear()["delivered"])

    def is_done(self) -> bool:
        """Whether it has said that it is done."""
        stream = self._process.stdout
        return stream is not None and bool(select([stream], [], [], 0)[0])

    def end(self) -> None:
        """Let it end."""
        self._say("end")
        self._process.wait(END_SECONDS)

    def _hear(self) -> dict[str, Any]:
        return json.loads(line_from(self._process.stdout, self._process, self._log))

    def _say(self, word: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()


def take_turns(sides: Sequence[str], *, fans: int, rounds: int) -> Iterator[Run]:
    """Run every side once a round (A B C, A B C, ...), so that a noisy minute falls on all of them."""
    for _ in range(rounds):
        for name in sides:
            yield run(name, fans=fans)


def run(name: str, *, fans: int) -> Run:
    """Run one side, a key of ``SIDES``, against a provider of its own.

    Raises:
        JobError: it did not deliver to each fan exactly once.
        ChildProcessError: it ended early.
    """
    with scratch() as folder, provider(folder) as (stub, provider_url):
        job = Job(fans=fans, provider_url=provider_url, folder=folder / "side")
        job.folder.mkdir()
        with prepared(SIDES[name], job, log=folder / "side.log") as side:
            parts = {**side.parts, PROVIDER: stub.pid}
            before = measure.read(parts)
            side.go()
            with _watching(parts) as memory:
                delivered = side.wait()
                after = measure.read(parts)
            check(fans, delivered=delivered, **counts(provider_url))
    return _run(name, fans, before, after, memory)


@contextmanager
def scratch() -> Generator[Path]:
    """Give an empty folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fanfare-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def provider(folder: Path) -> Generator[tuple[Popen[str], str]]:
    """Run a fresh provider; give its process and address."""
    log = folder / "provider.log"
    with talking(module("benchmarks.provider"), log=log) as process:
        yield process, f"http://127.0.0.1:{int(line_from(process.stdout, process, log))}"


@contextmanager
def prepared(module_name: str, job: Job, *, log: Path) -> Generator[PreparedSide]:
    """Start a side and wait until it is prepared."""
    with talking(module(f"benchmarks.{module_name}", *job.to_arguments()), log=log) as process:
        side = PreparedSide(process, log)
        yield side
        side.end()


def counts(provider_url: str) -> dict[str, int]:
    """Return what the provider saw: texts accepted, and how many phones they went to."""
    connection = HTTPConnection(urlsplit(provider_url).netloc)
    connection.request("GET", "/counts")
    found: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return found


@contextmanager
def _watching(parts: Mapping[str, int]) -> Generator[list[tuple[float, dict[str, int]]]]:
    """Read the memory of parts now and again until the block ends."""
    started, done = time.monotonic(), threading.Event()
    memory = [(0.0, measure.rss_bytes(parts))]

    def watch() -> None:
        while not done.wait(MEMORY_EVERY_SECONDS):
            memory.append((time.monotonic() - started, measure.rss_bytes(parts)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        done.set()
        watcher.join()
        memory.append((time.monotonic() - started, measure.rss_bytes(parts)))


def _run(
    name: str, fans: int, before: Reading, after: Reading, memory: Sequence[tuple[float, Mapping[str, int]]]
) -> Run:
    wall_seconds = after.wall_seconds - before.wall_seconds
    spent = {part: after.cpu_seconds[part] - before.cpu_seconds[part] for part in after.cpu_seconds}
    foreign_seconds = after.machine_seconds - before.machine_seconds - sum(spent.values())
    return Run(
        side=name, fans=fans, wall_seconds=wall_seconds, cpu_seconds=spent, memory=memory,
        foreign_cores=max(0.0, foreign_seconds / wall_seconds),
    )  # fmt: skip
