"""The benchmark's sides do the whole job; how fast they are is not asked here."""

import pytest

from benchmarks import runs
from benchmarks.compare import ratios
from benchmarks.job import FANS_MAX, JobError, check, phone
from benchmarks.runs import APART, Run

FANS = 50


@pytest.mark.parametrize("side", ["floor", "fanfare"])
def test_a_side_delivers_to_each_fan_once(side: str) -> None:
    run = runs.run(side, fans=FANS)

    assert run.fans == FANS
    assert run.cost_us > 0
    assert run.peak_bytes("worker") > 0


def test_a_run_that_lost_or_doubled_a_text_is_refused() -> None:
    with pytest.raises(JobError, match="49 of 50"):
        check(50, delivered=49, accepted=50, addresses=50)
    with pytest.raises(JobError, match="51 texts to 50 phones"):
        check(50, delivered=50, accepted=51, addresses=50)


def test_no_two_fans_have_one_phone() -> None:
    assert len({phone(number) for number in range(0, 1_000_000, 97)}) == len(range(0, 1_000_000, 97))
    assert FANS_MAX >= 1_000_000


def test_what_is_printed_apart_is_not_counted() -> None:
    assert a_run("floor", {"worker": 1.0, "provider": 5.0}).cost_us == pytest.approx(1_000_000 / FANS)
    assert "provider" in APART


def test_fanfare_stands_above_the_floor_and_below_the_peers() -> None:
    sides = [a_run("fanfare", {"worker": 2.0}), a_run("floor", {"worker": 1.0}), a_run("celery_per_task", {"x": 30.0})]

    above, below = ratios(sides)

    assert (above.value, above.is_reached) == (2.0, True)
    assert (below.value, below.is_reached) == (15.0, False)


def a_run(side: str, cpu_seconds: dict[str, float]) -> Run:
    return Run(side=side, fans=FANS, wall_seconds=1, cpu_seconds=cpu_seconds, memory=[(0.0, {})], foreign_cores=0)
