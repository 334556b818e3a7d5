"""One batch through one route: partial failure, conflicts, retry, burial."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare import runner
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.faults import Conflict, Fault, Permanent, Transient
from fanfare.ports.queues import QueueMessage
from tests.builders import NOW

QUEUE = "work"


def refusing(bad: set[int], done: list[int]) -> Callable[[Sequence[int]], None]:
    """A worker whose whole batch fails where one item is bad; what it did before stays done."""

    def work(batch: Sequence[int]) -> None:
        for item in batch:
            if item in bad:
                raise Permanent(f"item {item}")
            done.append(item)

    return work


@given(size=st.integers(0, 40), bad=st.sets(st.integers(0, 39), max_size=10))
def test_one_items_failure_is_no_others(size: int, bad: set[int]) -> None:
    done: list[int] = []

    failures = runner.run_batch(refusing(bad, done), range(size))

    assert {failure.index for failure in failures} == {item for item in bad if item < size}
    assert set(done) == set(range(size)) - bad


def test_a_conflict_is_repeated_at_once_and_not_for_ever() -> None:
    calls: list[int] = []

    def work(batch: Sequence[str]) -> None:
        calls.append(len(batch))
        if len(calls) < 3:
            raise Conflict("somebody was first")

    assert runner.run_batch(work, ["a"]) == ()
    assert len(calls) == 3

    def never(_: Sequence[str]) -> None:
        calls.append(1)
        raise Conflict("always")

    calls.clear()
    (failure,) = runner.run_batch(never, ["a"])
    assert isinstance(failure.fault, Conflict)
    assert len(calls) == 1 + runner.CONFLICT_RETRIES_MAX


def test_a_defect_is_a_permanent_fault_that_tells_nothing_of_the_record() -> None:
    def work(_: Sequence[str]) -> None:
        raise KeyError("+14165550123")

    (failure,) = runner.run_batch(work, ["a"])

    assert isinstance(failure.fault, Permanent)
    assert "KeyError at test_runner.py" in str(failure.fault)
    assert "416" not in str(failure.fault)


def test_nothing_below_an_exception_is_caught() -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.attempt(stop, None)


class Bench:
    """A queue with some messages, and a worker that fails as it is told."""

    def __init__(self, engine: EmbeddedEngine, clock: SteppedClock) -> None:
        self.queues = engine.queues
        self.clock = clock

    def run(self, faults: Mapping[str, Fault], *, attempts_max: int = 3) -> int:
        def work(batch: Sequence[QueueMessage]) -> None:
            for message in batch:
                if message.body in faults:
                    raise faults[message.body]

        return runner.run_queue(
            work, queue=QUEUE, queues=self.queues, clock=self.clock, batch_max=10, visibility_seconds=60,
            attempts_max=attempts_max,
        )  # fmt: skip


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock = SteppedClock(NOW)
    engine = EmbeddedEngine.temporary(clock=clock)
    yield Bench(engine, clock)
    engine.close()


def test_what_is_done_is_gone_and_what_can_never_be_done_is_buried(bench: Bench) -> None:
    bench.queues.send(QUEUE, ["a", "b", "c"])

    assert bench.run({"b": Permanent("no such sale")}) == 3

    assert bench.queues.waiting() == {}
    (letter,) = bench.queues.dead_letters(QUEUE, 10)
    assert (letter.body, letter.reason) == ("b", "Permanent: no such sale")


@pytest.mark.parametrize(("told", "waits"), [(7.0, (7, 7)), (None, (5, 10))])
def test_what_may_be_done_later_waits_as_told_else_longer_each_time(
    bench: Bench, told: float | None, waits: tuple[int, int]
) -> None:
    bench.queues.send(QUEUE, ["a"])
    fault = {"a": Transient("down", retry_after_seconds=told)}

    for wait in waits:
        assert bench.run(fault) == 1
        bench.clock.advance(seconds=wait - 1)
        assert bench.run(fault) == 0
        bench.clock.advance(seconds=1)

    assert bench.run(fault) == 1, "the third attempt is the last"
    (letter,) = bench.queues.dead_letters(QUEUE, 10)
    assert (letter.attempts, letter.reason) == (3, "Transient: down")


def test_an_empty_queue_is_no_work(bench: Bench) -> None:
    assert bench.run({}) == 0
