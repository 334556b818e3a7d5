"""CPU, memory and foreign load, read from Linux's /proc. A side is measured from outside; it cannot flatter itself."""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_SCHED_CLOCK = 2  # CPUCLOCK_SCHED in the low bits of a process's clock id; see clock_getcpuclockid(3)
_IDLE_FIELDS = (3, 4)  # idle and iowait in /proc/stat


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Counters at one moment. Seconds of CPU since the processes began, by part."""

    wall_seconds: float
    cpu_seconds: Mapping[str, float]
    machine_seconds: float
    """CPU that the whole machine has spent."""


def read(parts: Mapping[str, int]) -> Reading:
    """Read the counters of parts, each the process tree under one pid; a part inside another counts for itself."""
    roots = set(parts.values())
    return Reading(
        wall_seconds=time.monotonic(),
        cpu_seconds={name: sum(map(_cpu_seconds, _tree(pid, roots))) for name, pid in parts.items()},
        machine_seconds=_machine_seconds(),
    )


def rss_bytes(parts: Mapping[str, int]) -> dict[str, int]:
    """Return the resident memory of each part: the sum over its processes, shared pages counted in each."""
    roots = set(parts.values())
    return {name: sum(map(_rss_bytes, _tree(pid, roots))) for name, pid in parts.items()}


def _tree(root: int, roots: Iterable[int]) -> list[int]:
    found = [root]
    for pid in found:  # grows while it is walked
        found.extend(child for child in _children(pid) if child not in roots)
    return found


def _children(pid: int) -> list[int]:
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu_seconds(pid: int) -> float:
    """Return what a process spent, all its threads and the children that it has waited for; 0 when it is gone."""
    try:
        own_seconds = time.clock_gettime((~pid << 3) | _SCHED_CLOCK)
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ended_ticks = int(fields[13]) + int(fields[14])
    return own_seconds + ended_ticks / _TICKS_PER_SECOND


def _rss_bytes(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(sizes[0]) * 1024 if sizes else 0


def _machine_seconds() -> float:
    fields = [int(field) for field in (_PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    return sum(ticks for place, ticks in enumerate(fields) if place not in _IDLE_FIELDS) / _TICKS_PER_SECOND
