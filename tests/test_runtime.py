"""Turns: each route one, ticks by the clock, faults held, changes followed and quarantined."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from fanfare import wiring
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import Change, RecordType
from fanfare.ports.faults import Conflict, Permanent, Transient
from fanfare.runtime import Runtime
from fanfare.settings import Settings
from fanfare.topology import ChangeRoute, DueRoute, Lane, Limits, QueueRoute, Route, TickRoute, World
from tests.builders import AN_HOUR, NOW, a_sale
from tests.ports.given import Given
from tests.workers.at_work import SETTINGS

LIMITS = Limits(batch_max=10)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def engine(clock: SteppedClock) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary(clock=clock)
    yield made
    made.close()


@pytest.fixture
def world(engine: EmbeddedEngine, clock: SteppedClock) -> World:
    return wiring.open_world(engine, Settings.model_validate(SETTINGS), clock)


def a_tick(work: Callable[[datetime], int], *, every_seconds: float = 60) -> TickRoute:
    return TickRoute(name="tick", lane=Lane.MAIN, every_seconds=every_seconds, work=work)


def a_due(work: Callable[[datetime], int], *, name: str = "due", lane: Lane = Lane.MAIN) -> DueRoute:
    return DueRoute(name=name, lane=lane, work=work)


def following(work: Callable[[Sequence[Change]], object]) -> ChangeRoute:
    return ChangeRoute(name="follow", lane=Lane.MAIN, record_types=(RecordType.SALE,), limits=LIMITS, work=work)


def runtime(world: World, *routes: Route) -> Runtime:
    return Runtime(routes, world)


def test_a_tick_comes_at_once_and_then_by_the_clock(world: World, clock: SteppedClock) -> None:
    ticks: list[datetime] = []
    turning = runtime(world, a_tick(lambda at: ticks.append(at) or 1))

    assert (turning.step(), turning.step()) == (1, 0)
    clock.advance(seconds=59)
    turning.step()
    clock.advance(seconds=1)
    turning.step()

    assert ticks == [NOW, NOW + timedelta(minutes=1)]


def test_lanes_are_run_apart(world: World) -> None:
    turns: list[str] = []
    routes = [a_due(lambda _, n=lane: turns.append(n) or 0, name=lane, lane=lane) for lane in Lane]

    Runtime(routes, world, {Lane.SMS}).step()

    assert turns == ["sms"]


def test_it_goes_on_until_a_whole_round_does_nothing(world: World) -> None:
    left = [3, 2, 1, 0, 9]

    assert runtime(world, a_due(lambda _: left.pop(0))).run_until_idle() == 6


def test_a_route_that_fails_rests_longer_each_time_and_holds_up_no_other(
    world: World, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[datetime] = []

    def fail(at: datetime) -> int:
        calls.append(at)
        raise Transient("the store is out of reach")

    turning = runtime(world, a_due(fail, name="broken"), a_due(lambda _: 1))
    for _ in range(10):
        assert turning.step() == 1
        clock.advance(seconds=1)

    assert [(at - NOW).total_seconds() for at in calls] == [0, 1, 3, 7]
    (first, *_) = [vars(record)["fields"] for record in caplog.records if record.getMessage() == "route_failed"]
    assert (first["route"], first["fault"]) == ("broken", "Transient")


def test_a_conflict_is_tried_again_at_the_next_turn(world: World) -> None:
    answers: list[int | Exception] = [Conflict("somebody was first"), 1]

    def work(_: datetime) -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    turning = runtime(world, a_due(work))

    assert (turning.step(), turning.step()) == (0, 1)


def test_a_queue_is_served_within_its_limits(world: World) -> None:
    batches: list[int] = []
    route = QueueRoute(
        name="serve", lane=Lane.MAIN, queue="work", limits=LIMITS, work=lambda batch: batches.append(len(batch))
    )
    world.queues.send("work", [str(number) for number in range(25)])

    assert runtime(world, route).run_until_idle() == 25
    assert batches == [10, 10, 5]


def test_changes_are_followed_once_and_the_place_outlives_the_process(world: World) -> None:
    seen: list[str] = []
    world.sales.put(a_sale())
    route = following(lambda batch: seen.extend(change.key for change in batch))

    runtime(world, route).run_until_idle()
    runtime(world, route).run_until_idle()

    assert seen == [a_sale().sale_id]


def test_a_change_that_can_never_be_read_is_kept_with_its_reason_and_its_neighbours_land(world: World) -> None:
    seen: list[str] = []

    def work(batch: Sequence[Change]) -> None:
        for change in batch:
            if change.key.startswith("bad"):
                raise Permanent("no such event")
            seen.append(change.key)

    for name in ("E1:a", "bad:b", "E1:c"):
        world.sales.put(a_sale(sale_id=name))
    runtime(world, following(work)).run_until_idle()

    assert set(seen) == {"E1:a", "E1:c"}
    (letter,) = world.queues.dead_letters(None, 10)
    assert (letter.queue, letter.reason) == ("changes:follow", "no such event")


def test_a_change_that_may_be_read_later_is_not_passed_over_and_quarantines_nothing_twice(
    world: World, clock: SteppedClock
) -> None:
    is_down = True

    def work(batch: Sequence[Change]) -> None:
        for change in batch:
            if change.key.startswith("bad"):
                raise Permanent("no such event")
            if is_down:
                raise Transient("down")

    for name in ("bad:a", "E1:b"):
        world.sales.put(a_sale(sale_id=name))
    turning = runtime(world, following(work))

    turning.step()
    assert world.queues.dead_letters(None, 10) == ()
    is_down = False
    clock.advance(seconds=5)
    turning.run_until_idle()

    assert len(world.queues.dead_letters(None, 10)) == 1
    assert turning.step() == 0


def test_the_next_instant_is_that_of_a_row_a_message_or_a_tick(
    world: World, engine: EmbeddedEngine, clock: SteppedClock
) -> None:
    turning = runtime(world, a_tick(lambda _: 0, every_seconds=3600))
    turning.step()
    assert turning.next_at() == NOW + AN_HOUR

    world.queues.send("work", ["x"], delay_seconds=600)
    assert turning.next_at() == NOW + timedelta(minutes=10)

    given = Given(engine)
    given.sale()
    given.rows(given.fans(1), wake_in_seconds=300)
    assert turning.next_at() == NOW + timedelta(minutes=5)

    clock.advance(seconds=301)
    assert NOW + timedelta(seconds=301) < (turning.next_at() or NOW) <= NOW + timedelta(seconds=303), (
        "it waits for tokens"
    )
