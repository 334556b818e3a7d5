"""The on-sale calendar: read it, and silence a sale or let it speak again."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter

from fanfare.doors.web import cursors, problems
from fanfare.doors.web.access import needs
from fanfare.doors.web.cursors import Cursor, Limit
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.ids import EventFilter, SalePath
from fanfare.doors.web.views import Page, SaleView
from fanfare.model.ids import EventId, SaleId
from fanfare.model.instant import from_ms, maybe_ms, to_ms
from fanfare.model.sale import Sale
from fanfare.ports.api_keys import Scope
from fanfare.topology import World
from fanfare.workers import suppress_sales

router = APIRouter(prefix="/v1/sales", tags=["sales"])


class _Place(NamedTuple):
    """Where the next page begins: after an instant, past the sales of the next one that were shown already."""

    after_ms: int
    shown: int


@router.get("", dependencies=[needs(Scope.EVENTS_READ)])
async def list_sales(
    door: OpenDoor, event_id: EventFilter = None, limit: Limit = cursors.LIMIT, cursor: Cursor = None
) -> Page[SaleView]:
    """Return the sales that open from now on, earliest first; or every sale of one event, unscheduled too."""
    if event_id is not None:
        wanted = EventId(event_id)
        found = await door.ask(lambda world: world.sales.of_event(wanted))
        return Page(items=_views(found), next_cursor=None)
    place = cursors.read(cursor, _Place)
    return await door.ask(lambda world: _opening(world, place or _Place(to_ms(world.clock.now()), 0), limit))


@router.get("/{sale_id}", dependencies=[needs(Scope.EVENTS_READ)])
async def get_sale(door: OpenDoor, sale_id: SalePath) -> SaleView:
    """Return one sale."""
    return _view(await door.ask(lambda world: world.sales.get(SaleId(sale_id))))


@router.post("/{sale_id}/suppress", dependencies=[needs(Scope.SALES_WRITE)])
async def suppress_sale(door: OpenDoor, sale_id: SalePath) -> SaleView:
    """Stop the reminders of a sale: those that wait are ended. Repeating it changes nothing."""
    return _view(await door.ask(lambda world: suppress_sales.suppress(SaleId(sale_id), sales=world.sales)))


@router.post("/{sale_id}/unsuppress", dependencies=[needs(Scope.SALES_WRITE)])
async def unsuppress_sale(door: OpenDoor, sale_id: SalePath) -> SaleView:
    """Take an operator's stop back. What the policy suppresses stays suppressed."""
    return _view(
        await door.ask(
            lambda world: suppress_sales.unsuppress(
                SaleId(sale_id), sales=world.sales, events=world.events, policy=world.policy
            )
        )
    )


def _opening(world: World, place: _Place, limit: int) -> Page[SaleView]:
    found = world.sales.opening_after(from_ms(place.after_ms), limit + place.shown)
    items = found[place.shown :]
    is_last = len(found) < limit + place.shown
    return Page(items=_views(items), next_cursor=None if is_last else cursors.write(_next(found)))


def _next(found: Sequence[Sale]) -> _Place:
    """Return the place behind what was found. Sales of one instant may lie on both sides of it."""
    last_ms = max(maybe_ms(sale.starts_at) or 0 for sale in found)
    return _Place(last_ms - 1, sum(maybe_ms(sale.starts_at) == last_ms for sale in found))


def _views(found: Sequence[Sale]) -> list[SaleView]:
    return [SaleView.model_validate(sale) for sale in found]


def _view(sale: Sale | None) -> SaleView:
    if sale is None:
        raise problems.not_found("sale")
    return SaleView.model_validate(sale)
