"""What every engine promises about events."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType
from fanfare.model.event import EventStatus
from fanfare.model.ids import EventId
from fanfare.ports.faults import Conflict
from tests.ports.given import EVENT, Given, a_demand, an_event


def test_an_event_comes_back_as_it_was_put(engine: EmbeddedEngine, given: Given) -> None:
    event = replace(an_event(), starts_at=given.now, short_url="https://l.example/x", status=EventStatus.ONSALE)

    engine.events.put(event)

    assert engine.events.get([EVENT, EventId("unknown")]) == {EVENT: event}
    assert engine.events.get([]) == {}


@pytest.mark.parametrize("version", [0, 2])
def test_an_event_begins_at_version_one(engine: EmbeddedEngine, version: int) -> None:
    with pytest.raises(Conflict):
        engine.events.put(an_event(version=version))

    assert engine.events.get([EVENT]) == {}


@pytest.mark.parametrize("version", [1, 3])
def test_a_writer_that_missed_a_version_is_told(engine: EmbeddedEngine, version: int) -> None:
    engine.events.put(an_event())

    with pytest.raises(Conflict):
        engine.events.put(replace(an_event(version=version), name="Other"))

    assert engine.events.get([EVENT])[EVENT].name == "Zoë Live"


def test_each_put_leaves_a_change_with_the_state_before(engine: EmbeddedEngine, given: Given) -> None:
    engine.events.put(an_event())
    engine.events.put(replace(an_event(version=2), status=EventStatus.CANCELLED))

    changes, _ = engine.changes.read(None, [RecordType.EVENT], 10)

    assert [(each.key, each.version, each.old_state, each.new_state, each.at) for each in changes] == [
        ("E1", 1, None, "unknown", given.now),
        ("E1", 2, "unknown", "cancelled", given.now),
    ]


def test_demanded_events_are_refreshed_longest_unchecked_first(engine: EmbeddedEngine, given: Given) -> None:
    for number, event_id in enumerate(("E1", "E2", "E3")):
        engine.events.put(an_event(event_id, attractions=()))
        engine.events.checked(EventId(event_id), given.now - timedelta(hours=number + 1))
        if event_id != "E3":
            engine.demands.put([a_demand(1, given.now, event_id=event_id)], [""])

    assert engine.events.to_refresh(given.now, 10) == ("E2", "E1")
    assert engine.events.to_refresh(given.now, 1) == ("E2",)
    assert engine.events.to_refresh(given.now - timedelta(minutes=90), 10) == ("E2",)


def test_an_event_that_nobody_stored_yet_is_refreshed_once_it_is_demanded(engine: EmbeddedEngine, given: Given) -> None:
    engine.demands.put([a_demand(1, given.now, event_id="new")], [""])

    assert engine.events.to_refresh(given.now, 10) == ("new",)
    engine.events.checked(EventId("new"), given.now)
    assert engine.events.to_refresh(given.now, 10) == ()


def test_demand_for_an_artist_refreshes_the_artists_events(engine: EmbeddedEngine, given: Given) -> None:
    engine.events.put(an_event("E1", attractions=("A1",)))
    engine.events.put(an_event("E2", attractions=("A2",)))
    engine.demands.put([a_demand(1, given.now, event_id=None)], [""])

    assert engine.events.to_refresh(given.now, 10) == ("E1",)


def test_withdrawn_demand_refreshes_nothing(engine: EmbeddedEngine, given: Given) -> None:
    (fan,) = given.fans(1)
    engine.demands.withdraw(fan, at=given.now, target=None, brand=None, channel=None)

    assert engine.events.to_refresh(given.now, 10) == ()


def test_an_artists_events_follow_the_last_put(engine: EmbeddedEngine) -> None:
    engine.events.put(an_event("E2", attractions=("A1", "A2")))
    engine.events.put(an_event("E1", attractions=("A1",)))
    assert engine.events.of_attraction("A1") == ("E1", "E2")

    engine.events.put(an_event("E2", attractions=("A2",), version=2))

    assert engine.events.of_attraction("A1") == ("E1",)
    assert engine.events.of_attraction("A2") == ("E2",)


def test_pages_follow_the_order_of_ids(engine: EmbeddedEngine) -> None:
    for event_id in ("b", "a", "c"):
        engine.events.put(an_event(event_id))

    first = engine.events.page(None, 2)

    assert [event.event_id for event in first] == ["a", "b"]
    assert [event.event_id for event in engine.events.page(first[-1].event_id, 2)] == ["c"]
