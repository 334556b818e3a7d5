"""What planning's watermark has passed already is generated at once."""

from datetime import datetime, timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.model.change import Change, RecordType
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.topology import World, event_store
from fanfare.workers import catch_up_notifications, schedule_notifications
from tests.builders import EVENT, NOW, PUBLIC, a_demand, a_sale, a_source_event
from tests.workers.at_work import fan_ref, generate, opt_in, plan, store

SALE = GenerationRequest(event_id=EVENT, sale_id=PUBLIC)


class Log:
    """Follows the change log."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._position: str | None = None

    def read(self) -> tuple[Change, ...]:
        types = (RecordType.SALE, RecordType.DEMAND)
        found, self._position = self._world.changes.read(self._position, types, 5000)
        return found

    def catch_up(self) -> int:
        world = self._world
        return catch_up_notifications.run(
            self.read(), sales=world.sales, events=world.events, queues=world.queues, clock=world.clock,
            planned_until=schedule_notifications.reach(world.checkpoints, world.clock.now(), world.policy),
        )  # fmt: skip


@pytest.fixture
def log(world: World) -> Log:
    return Log(world)


def requests(world: World) -> list[GenerationRequest]:
    return [GenerationRequest.from_json(message.body) for message in world.queues.receive(QUEUE, 10, 1)]


def test_a_sale_that_appears_behind_the_watermark_is_asked_for(world: World, log: Log) -> None:
    """FLOW-3."""
    plan(world)
    store(world)

    assert log.catch_up() == 1
    assert requests(world) == [SALE]


def test_one_that_planning_will_come_to_waits(world: World, log: Log) -> None:
    plan(world)
    event_store(world)([a_source_event(opens_at=NOW + timedelta(hours=9))])

    assert log.catch_up() == 0


def test_a_sale_that_is_stored_while_another_process_plans_is_not_lost(world: World, log: Log) -> None:
    """FLOW-3: planning looked before the sale was stored, and this process looks before planning is done."""
    # Given a slot that another process is planning: it has looked, and has not moved the watermark yet
    store(world)

    assert log.catch_up() == 1
    assert requests(world) == [SALE]


def frozen(world: World, log: Log) -> None:
    """A sale whose audience is written, and nothing left to read."""
    store(world)
    opt_in(world, a_demand(1))
    plan(world)
    generate(world)
    log.catch_up()
    requests(world)


@pytest.mark.parametrize("opens_at", [NOW + timedelta(hours=9), NOW - timedelta(hours=1), None])
def test_a_sale_that_moved_or_lost_its_date_is_asked_for(world: World, log: Log, opens_at: datetime | None) -> None:
    """FLOW-10."""
    frozen(world, log)

    event_store(world)([a_source_event(opens_at=opens_at)])

    assert log.catch_up() == 1
    assert requests(world) == [SALE]


@pytest.mark.parametrize("asked", [{}, {"event_id": None, "attraction_id": "A1"}, {"sale_id": PUBLIC}])
def test_a_fan_who_comes_after_generation_is_asked_for(world: World, log: Log, asked: dict[str, str | None]) -> None:
    """FLOW-5."""
    frozen(world, log)

    opt_in(world, a_demand(2, **asked))  # pyright: ignore[reportArgumentType]

    assert log.catch_up() == 1
    (request,) = requests(world)
    assert (request.sale_id, request.fan_ref) == (PUBLIC, fan_ref(world, 2))


def test_a_fan_of_another_sale_or_one_who_withdrew_is_not(world: World, log: Log) -> None:
    frozen(world, log)

    opt_in(world, a_demand(2, sale_id=a_sale(sale_id="E1:vip").sale_id))
    world.demands.withdraw(fan_ref(world, 1), at=NOW, target=None, brand=None, channel=None)

    assert log.catch_up() == 0


def test_nobody_is_too_late_for_a_sale_that_is_not_generated_or_has_opened(
    world: World, log: Log, clock: SteppedClock
) -> None:
    store(world)
    plan(world)
    log.catch_up()
    opt_in(world, a_demand(1))
    assert log.catch_up() == 0

    generate(world)
    clock.advance(seconds=7200)
    opt_in(world, a_demand(2))
    assert log.catch_up() == 0
