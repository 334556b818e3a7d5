"""Events: read them, and import what Discovery says of them."""

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict

from fanfare.doors import event_imports
from fanfare.doors.event_imports import EventReport, Rejected
from fanfare.doors.web import cursors, problems
from fanfare.doors.web.access import needs
from fanfare.doors.web.cursors import Cursor, Limit
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.ids import EventPath
from fanfare.doors.web.problems import ProblemError
from fanfare.doors.web.views import EventView, Page
from fanfare.model.event import Event
from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent
from fanfare.partners import discovery_json
from fanfare.ports.api_keys import Scope
from fanfare.topology import World

router = APIRouter(prefix="/v1/events", tags=["events"])


class DiscoveryEvent(BaseModel):
    """An event, or a page of a search, as the Discovery API gave it. Unknown fields are ignored."""

    model_config = ConfigDict(extra="allow")


Document = DiscoveryEvent | list[DiscoveryEvent]


class UnheardView(BaseModel):
    """A sale that nobody is reminded of, and why."""

    event_id: str
    event: str
    sale_id: str
    kind: str
    name: str
    reason: str


class RejectedView(BaseModel):
    """An event that could not be read."""

    place: str
    reason: str
    fix: str


class EventReportView(BaseModel):
    """What an import came to; `fanfare events import --json` prints the same."""

    events: int
    sales: dict[str, int]
    unscheduled: list[UnheardView]
    suppressed: list[UnheardView]
    rejected: list[RejectedView]


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


@router.post("", dependencies=[needs(Scope.EVENTS_WRITE)])
async def import_events(door: OpenDoor, document: Annotated[Document, Body()]) -> EventReportView:
    """Import events: one event of the Discovery API, a list of events, or a page of a search.

    Importing twice changes nothing; a changed time moves the sale. Every event is accounted for: it has a scheduled
    sale, or it is listed with its reason.
    """
    sources, refusals = discovery_json.decode_document(_plain(document))
    if refusals and not sources:
        errors = [problems.FieldProblem(field=each.place, reason=each.reason, fix=each.fix) for each in refusals]
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "No event could be read.", errors=errors)
    rejected = [Rejected(place=each.place, reason=each.reason, fix=each.fix) for each in refusals]
    report = await door.ask(lambda world: _import(world, sources, rejected))
    return EventReportView.model_validate(asdict(report))


def _plain(document: Document) -> object:
    if isinstance(document, list):
        return [each.model_dump() for each in document]
    return document.model_dump()


def _import(world: World, sources: Sequence[SourceEvent], rejected: Sequence[Rejected]) -> EventReport:
    stored = [pair for batch in event_imports.batches(sources) for pair in event_imports.store(batch, world)]
    return event_imports.compose(stored, rejected)


def _page(found: Sequence[Event], limit: int) -> Page[EventView]:
    more = cursors.write(found[-1].event_id) if len(found) == limit else None
    return Page(items=[EventView.model_validate(event) for event in found], next_cursor=more)
