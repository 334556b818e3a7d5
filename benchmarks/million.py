"""A million notifications: whether memory stays flat, and what one costs beside one of 50,000."""

from statistics import median

from benchmarks import runs
from benchmarks.figures import Figure, Reach
from benchmarks.runs import PROVIDER, Run

MEMORY_MB_MAX = 300
COST_RATIO_MAX = 1.5
GROWTH_MB_MAX = 50
"""What may still be added between the middle of a run and its end: more than that is no plateau."""
MB = 1024 * 1024


def measure(fans: int, *, small: int) -> list[Figure]:
    """Run Fanfare for ``small`` fans and then for ``fans``, and compare the two."""
    before, large = runs.run("fanfare", fans=small), runs.run("fanfare", fans=fans)
    figures = [figure for part in large.cpu_seconds if part != PROVIDER for figure in _memory(large, part)]
    ratio = Figure(
        name=f"cost at {fans:,} / cost at {small:,}", value=large.cost_us / before.cost_us, unit="x",
        reach=Reach.AT_MOST, bound=COST_RATIO_MAX,
        details={"large_us": large.cost_us, "small_us": before.cost_us, "wall_seconds": large.wall_seconds},
    )  # fmt: skip
    return [*figures, ratio]


def _memory(run: Run, part: str) -> list[Figure]:
    held = [rss_bytes[part] / MB for _, rss_bytes in run.memory]
    middle = median(held[len(held) // 3 : 2 * len(held) // 3 + 1])
    return [
        Figure(
            name=f"memory of {part}, peak", value=max(held), unit="MB", reach=Reach.AT_MOST, bound=MEMORY_MB_MAX,
            details={f"{tenth * 10} %": round(held[(len(held) - 1) * tenth // 10]) for tenth in range(11)},
        ),
        Figure(
            name=f"memory of {part}, growth from the middle on", value=held[-1] - middle, unit="MB",
            reach=Reach.AT_MOST, bound=GROWTH_MB_MAX,
        ),
    ]  # fmt: skip
