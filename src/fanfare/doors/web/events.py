"""Events: read them, and import what Discovery says of them."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path

from fanfare.doors.web import cursors, problems
from fanfare.doors.web.access import needs
from fanfare.doors.web.cursors import Cursor, Limit
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.views import EventView, Page
from fanfare.model.event import Event
from fanfare.model.ids import EventId
from fanfare.ports.api_keys import Scope

router = APIRouter(prefix="/v1/events", tags=["events"])

EventPath = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("", dependencies=[needs(Scope.EVENTS_READ)])
async def list_events(door: OpenDoor, limit: Limit = cursors.LIMIT, cursor: Cursor = None) -> Page[EventView]:
    """Return events in the order of their ids."""
    after = cursors.read(cursor, str)
    found = await door.ask(lambda world: world.events.page(EventId(after) if after else None, limit))
    return _page(found, limit)


@router.get("/{event_id}", dependencies=[needs(Scope.EVENTS_READ)])
async def get_event(door: OpenDoor, event_id: EventPath) -> EventView:
    """Return one event."""
    wanted = EventId(event_id)
    found = (await door.ask(lambda world: world.events.get([wanted]))).get(wanted)
    if found is None:
        raise problems.not_found("event")
    return EventView.model_validate(found)


def _page(found: Sequence[Event], limit: int) -> Page[EventView]:
    more = cursors.write(found[-1].event_id) if len(found) == limit else None
    return Page(items=[EventView.model_validate(event) for event in found], next_cursor=more)
