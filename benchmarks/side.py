"""How a side runs in a process of its own, and what it and the measuring process say to each other.

One JSON line a time: the side prepares and tells its parts (name and pid each); told to go, it does the job and tells
how many rows are DELIVERED; told to end, it ends. In between the measuring process reads the counters.
"""

import json
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from benchmarks.job import Job


class Side(Protocol):
    """One way of doing the job, prepared: fans opted in, processes started and warm."""

    @property
    def parts(self) -> Mapping[str, int]:
        """Name and pid of each part whose CPU is counted, with all its children."""
        ...

    def run(self) -> int:
        """Do the job; return how many rows are DELIVERED."""
        ...


Open = Callable[[Job], AbstractContextManager[Side]]


def main(open_side: Open) -> None:
    """Be a side: the body of ``python -m benchmarks.<side>``."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was opened is closed
    with open_side(Job.from_arguments()) as side:
        _tell({"parts": dict(side.parts)})
        sys.stdin.readline()
        _tell({"delivered": side.run()})
        sys.stdin.readline()


def _tell(fact: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()
