"""Runs sides, one after the other, in turns, and keeps what each run cost."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

from benchmarks import measure
from benchmarks.job import Job, check
from benchmarks.measure import Reading
from benchmarks.processes import line_from, module, talking

PROVIDER = "provider"
APART = frozenset({PROVIDER, "web", "lake"})
"""Parts that are printed, and not counted as the side's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of one side cost, from the request to the last DELIVERED."""

    side: str
    fans: int
    wall_seconds: float
    cpu_seconds: Mapping[str, float]
    """By part."""
    rss_bytes: Mapping[str, int]
    """By part, when the last row was DELIVERED."""
    foreign_cores: float
    """Processor cores that others kept busy meanwhile: a number far from 0 spoils the run."""

    @property
    def cost_us(self) -> float:
        """CPU of the side's own parts, microseconds a notification."""
        own = sum(seconds for part, seconds in self.cpu_seconds.items() if part not in APART)
        return own / self.fans * 1_000_000


@contextmanager
def provider(folder: Path) -> Iterator[tuple[Popen[str], str]]:
    """Run a fresh provider; give its process and address."""
    log = folder / "provider.log"
    with talking(module("benchmarks.provider"), log=log) as process:
        yield process, f"http://127.0.0.1:{int(line_from(process.stdout, process, log))}"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fanfare-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def take_turns(sides: Sequence[str], *, fans: int, rounds: int) -> Iterator[Run]:
    """Run every side once a round (A B C, A B C, ...), so that a noisy minute falls on all of them."""
    for _ in range(rounds):
        for name in sides:
            yield run(name, fans=fans)


def run(name: str, *, fans: int) -> Run:
    """Run one side against a provider of its own.

    Raises:
        JobError: it did not deliver to each fan exactly once.
        ChildProcessError: it ended early.
    """
    with scratch() as folder, provider(folder) as (stub, provider_url):
        job = Job(fans=fans, provider_url=provider_url, folder=folder / "side")
        job.folder.mkdir()
        log = folder / "side.log"
        with talking(module(f"benchmarks.{name}", *job.to_arguments()), log=log) as process:
            told = json.loads(line_from(process.stdout, process, log))
            parts = {**told["parts"], PROVIDER: stub.pid}
            before = measure.read(parts)
            _say(process, "go")
            delivered = json.loads(line_from(process.stdout, process, log))["delivered"]
            after = measure.read(parts)
            rss_bytes = measure.rss_bytes(parts)
            check(fans, delivered=delivered, **counts(provider_url))
            _say(process, "end")
            process.wait(30)
    return _run(name, fans, before, after, rss_bytes)


def counts(provider_url: str) -> dict[str, int]:
    """Return what the provider saw: texts accepted, and how many phones they went to."""
    connection = HTTPConnection(urlsplit(provider_url).netloc)
    connection.request("GET", "/counts")
    found: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def _say(process: Popen[str], word: str) -> None:
    if process.stdin:
        process.stdin.write(word + "\n")
        process.stdin.flush()


def _run(name: str, fans: int, before: Reading, after: Reading, rss_bytes: Mapping[str, int]) -> Run:
    wall_seconds = after.wall_seconds - before.wall_seconds
    spent = {part: after.cpu_seconds[part] - before.cpu_seconds[part] for part in after.cpu_seconds}
    foreign_seconds = after.machine_seconds - before.machine_seconds - sum(spent.values())
    return Run(
        side=name, fans=fans, wall_seconds=wall_seconds, cpu_seconds=spent, rss_bytes=rss_bytes,
        foreign_cores=max(0.0, foreign_seconds / wall_seconds),
    )  # fmt: skip
