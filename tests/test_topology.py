"""The map: every worker routed, every route with its limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fanfare import workers
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.topology import ChangeRoute, Lane, QueueRoute, Route, TickRoute, World, routes
from tests.builders import NOW
from tests.workers.at_work import a_world

CALLED_BY_WORKERS = {"correct_notifications"}
"""Bound to generation, which meets every sale that changed."""

CALLED_BY_DOORS = {
    *("explain", "forget_fans", "record_demands", "resolve_account", "resolve_event", "store_events"),
    *("suppress_sales", "withdraw_demands"),
}
"""Workers that a query, a request or a command calls, and no trigger."""


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary(clock=SteppedClock(NOW))
    yield made
    made.close()


@pytest.fixture
def world(engine: EmbeddedEngine) -> World:
    return a_world(engine, sms={"reports": "stream"}, email={"bounce_maildir": "/nowhere"})


def routed(world: World) -> set[str]:
    return {route.name.partition(":")[0] for route in routes(world)}


def test_every_worker_has_a_route_or_a_door(world: World) -> None:
    (folder,) = workers.__path__
    files = {path.stem for path in Path(folder).glob("*.py")} - {"__init__"}

    assert routed(world) | CALLED_BY_DOORS | CALLED_BY_WORKERS == files
    assert not routed(world) & CALLED_BY_DOORS


def test_no_two_routes_share_a_name(world: World) -> None:
    names = [route.name for route in routes(world)]

    assert len(names) == len(set(names))


def test_each_sender_has_a_route_in_the_lane_of_its_channel(world: World) -> None:
    lanes = {Channel.SMS: Lane.SMS, Channel.EMAIL: Lane.EMAIL}
    sending = {route.name: route.lane for route in routes(world) if route.name.startswith("send_notifications")}

    assert sending == {f"send_notifications:{each.name}": lanes[each.channel] for each in world.senders}


def test_what_a_world_does_not_have_has_no_route(engine: EmbeddedEngine) -> None:
    names = {route.name for route in routes(a_world(engine))}

    assert not names & {"track_sms_status:stream", "track_sms_status:bounces"}
    assert "track_sms_status:inbox" in names


def limits_of(route: Route) -> tuple[float, ...]:
    match route:
        case QueueRoute() | ChangeRoute():
            return (route.limits.batch_max, route.limits.visibility_seconds, route.limits.attempts_max)
        case TickRoute():
            return (route.every_seconds,)
        case _:
            return ()


def test_everything_has_a_limit(world: World) -> None:
    assert all(limit > 0 for route in routes(world) for limit in limits_of(route))
