"""Events that lack a short link are queued, each once."""

import json

from fanfare.model.change import Change, RecordType
from fanfare.model.ids import EventId
from fanfare.topology import World, event_store
from fanfare.workers import queue_short_urls
from tests.builders import EVENT, a_demand, a_source_event, an_event
from tests.workers.at_work import opt_in, store

TYPES = (RecordType.DEMAND, RecordType.EVENT)


def changes(world: World) -> tuple[Change, ...]:
    return world.changes.read(None, TYPES, 5000)[0]


def queue(world: World, batch: tuple[Change, ...]) -> list[object]:
    queue_short_urls.run(batch, events=world.events, queues=world.queues)
    return [json.loads(message.body) for message in world.queues.receive(queue_short_urls.QUEUE, 200, 1)]


def test_an_event_and_its_demands_make_one_message(world: World) -> None:
    """FLOW-1: deduplicated by event id, {data: {id}, id}."""
    event_store(world)([a_source_event()])
    opt_in(world, a_demand(1), a_demand(2))

    assert queue(world, changes(world)) == [{"data": {"id": EVENT}, "id": EVENT}]


def test_a_demand_alone_asks_for_its_events_link(world: World) -> None:
    """FLOW-1: demand created or changed."""
    event_store(world)([a_source_event()])
    opt_in(world, a_demand(1))

    (demand,) = [change for change in changes(world) if change.record_type is RecordType.DEMAND]
    assert queue(world, (demand,)) == [{"data": {"id": EVENT}, "id": EVENT}]


def test_what_has_a_link_or_no_address_is_left_alone(world: World) -> None:
    store(world)
    event_store(world)([a_source_event(an_event(EventId("E2"), version=0, url=None))])
    opt_in(world, a_demand(1), a_demand(1, event_id=EventId("E3")))

    assert queue(world, changes(world)) == []


def test_more_events_than_the_port_takes_at_once_are_asked_for_in_turns(world: World) -> None:
    event_store(world)([a_source_event(an_event(EventId(f"E{n}"), version=0)) for n in range(150)])

    assert len(queue(world, changes(world))) == 150
