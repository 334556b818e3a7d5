"""From runs to figures: the median of each side, and Fanfare's ratio to it."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.figures import Figure, Reach
from benchmarks.runs import Run

FANFARE = "fanfare"
NOISY_CORES = 0.2
"""Foreign load from which on a table says that it was noisy (CPU time then grows by up to 40 %)."""

_BOUNDS = {
    "floor": (Reach.AT_MOST, 2.0),
    "celery_chunks": (Reach.AT_MOST, 1.0),
    "taskiq_per_task": (Reach.AT_LEAST, 10.0),
    "celery_per_task": (Reach.AT_LEAST, 20.0),
}
"""Issue: at most twice the floor, at least level with chunks, a tenth of taskiq, a twentieth of Celery."""


def by_side(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the runs of each side, in the order in which the sides first ran."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.side, []).append(run)
    return found


def cost_us(runs: Sequence[Run]) -> float:
    """Return the median CPU of a side, microseconds a notification."""
    return median(run.cost_us for run in runs)


def part_us(runs: Sequence[Run]) -> dict[str, float]:
    """Return the median CPU of each part, microseconds a notification."""
    return {part: median(run.cpu_seconds[part] / run.fans * 1e6 for run in runs) for part in runs[0].cpu_seconds}


def ratios(runs: Sequence[Run]) -> list[Figure]:
    """Return Fanfare's CPU beside that of each other side: more than the floor, less than the peers."""
    sides = by_side(runs)
    if FANFARE not in sides:
        return []
    ours = cost_us(sides[FANFARE])
    return [_ratio(name, ours, cost_us(of_side)) for name, of_side in sides.items() if name != FANFARE]


def noise(runs: Sequence[Run]) -> str:
    """Return a sentence on what else the machine was doing."""
    cores = median(run.foreign_cores for run in runs)
    judgement = "noisy: trust ratios only" if cores > NOISY_CORES else "quiet"
    return f"Others kept {cores:.2f} cores busy meanwhile (median): {judgement}."


def _ratio(name: str, ours: float, theirs: float) -> Figure:
    reach, bound = _BOUNDS[name]
    details: Mapping[str, float | str] = {"fanfare_us": ours, f"{name}_us": theirs}
    if reach is Reach.AT_MOST:
        return Figure(
            name=f"fanfare / {name}, CPU", value=ours / theirs, unit="x", reach=reach, bound=bound, details=details
        )
    return Figure(
        name=f"{name} / fanfare, CPU", value=theirs / ours, unit="x", reach=reach, bound=bound, details=details
    )
