"""Short links: each event once; a link that was made stays."""

from dataclasses import dataclass, field

import pytest

from fanfare.model.ids import EventId
from fanfare.ports.faults import Permanent, Transient
from fanfare.ports.queues import QueueMessage
from fanfare.topology import World, event_store
from fanfare.workers import shorten_urls
from tests.builders import EVENT, NOW, a_source_event, an_event


@dataclass
class ScriptedShortener:
    """Makes links, or raises what it is told."""

    fault: Exception | None = None
    made: list[EventId] = field(default_factory=list[EventId])

    def shorten(self, event_id: EventId, url: str) -> str:
        if self.fault:
            raise self.fault
        self.made.append(event_id)
        return f"https://tix.test/{event_id}?{len(url)}"


def message(event_id: str) -> QueueMessage:
    return QueueMessage(message_id="1.1", body=f'{{"data": {{"id": "{event_id}"}}, "id": "{event_id}"}}', attempts=1)


def shorten(world: World, shortener: ScriptedShortener, *messages: QueueMessage) -> None:
    shorten_urls.run(messages, events=world.events, shortener=shortener, cache=world.cache)


def test_an_event_gets_its_link_and_the_cached_answer_goes(world: World) -> None:
    """FLOW-2: store and cache updated."""
    event_store(world)([a_source_event()])
    world.cache.put(f"event:{EVENT}", b"{}", now=NOW, fresh_seconds=60, stale_seconds=60)

    shorten(world, ScriptedShortener(), message(EVENT))

    assert (world.events.get([EVENT])[EVENT].short_url or "").startswith("https://tix.test/E1")
    assert world.cache.get(f"event:{EVENT}", NOW) is None


def test_an_event_that_has_one_is_not_shortened_again(world: World) -> None:
    """FLOW-2."""
    event_store(world)([a_source_event()])
    shortener = ScriptedShortener()
    shorten(world, shortener, message(EVENT), message("E9"))

    shorten(world, shortener, message(EVENT))

    assert shortener.made == [EVENT]


def test_an_event_without_an_address_is_left_alone(world: World) -> None:
    event_store(world)([a_source_event(an_event(version=0, url=None))])
    shortener = ScriptedShortener()

    shorten(world, shortener, message(EVENT))

    assert shortener.made == []


@pytest.mark.parametrize("fault", [Transient("over quota"), Permanent("the month is used up")])
def test_a_shortener_that_fails_is_the_queues_business(world: World, fault: Exception) -> None:
    """FLOW-2: two retries, then dead letter."""
    event_store(world)([a_source_event()])

    with pytest.raises(type(fault)):
        shorten(world, ScriptedShortener(fault), message(EVENT))
    assert shorten_urls.ATTEMPTS_MAX == 3


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": 7}'])
def test_a_message_that_is_none_is_refused_for_good(world: World, body: str) -> None:
    with pytest.raises(Permanent):
        shorten(world, ScriptedShortener(), QueueMessage(message_id="1.1", body=body, attempts=1))
