"""How long ``fanfare --help`` takes: the wall clock of a fresh process, median of ten."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, Reach

TIMES = 10
HELP_SECONDS_MAX = 0.3


def measure() -> Figure:
    """Run it and return the median.

    Raises:
        CalledProcessError: it failed.
    """
    command = [str(Path(sys.executable).with_name("fanfare")), "--help"]
    _seconds(command)  # the first one may compile
    seconds = [_seconds(command) for _ in range(TIMES)]
    return Figure(
        name="fanfare --help, wall", value=median(seconds), unit="s", reach=Reach.AT_MOST, bound=HELP_SECONDS_MAX,
        details={"fastest": min(seconds), "slowest": max(seconds)},
    )  # fmt: skip


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
