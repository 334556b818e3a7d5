"""Why a fan was, or was not, told of a sale."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from fanfare.doors.web import problems, views
from fanfare.doors.web.access import needs
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.ids import FanQuery, SaleQuery
from fanfare.doors.web.views import NotificationView, View
from fanfare.model.channel import Language
from fanfare.model.ids import FanId, SaleId
from fanfare.model.notification import Reason
from fanfare.ports.api_keys import Scope
from fanfare.rules.why_words import Cause
from fanfare.topology import World
from fanfare.workers import explain
from fanfare.workers.explain import TotalsExplanation

router = APIRouter(prefix="/v1/why", tags=["why"])


class RowView(BaseModel):
    """One notification of the fan for the sale."""

    notification: NotificationView
    words: str


class WhyView(BaseModel):
    """The one reason."""

    fan_id: str
    sale_id: str
    cause: Cause
    reason: Reason | None = Field(description="The reason of the row behind the answer, if there is one")
    operator: str = Field(description="In the operator's words")
    fan: dict[Language, str] = Field(description="In the fan's words, by language")
    rows: list[RowView]


class TotalsView(View):
    """Every row of a sale, accounted for: rows = frozen + late = ends + in flight."""

    sale_id: str
    rows: int
    frozen: int
    late: int
    ends: int
    in_flight: int
    accepted: int
    by_state: dict[str, int]
    by_reason: dict[str, int]
    adds_up: bool


@router.get("", dependencies=[needs(Scope.WHY_READ)])
async def explain_fan(door: OpenDoor, fan: FanQuery, sale: SaleQuery) -> WhyView:
    """Return the one reason why the fan was told of the sale, or was not."""
    return await door.ask(lambda world: _explain(world, FanId(fan), SaleId(sale)))


@router.get("/totals", dependencies=[needs(Scope.WHY_READ)])
async def explain_totals(door: OpenDoor, sale: SaleQuery) -> TotalsView:
    """Return where every row of the sale stands."""
    found = await door.ask(lambda world: _totals(world, SaleId(sale)))
    if found is None:
        raise problems.not_found("sale")
    return TotalsView.model_validate(found)


def _explain(world: World, fan_id: FanId, sale_id: SaleId) -> WhyView:
    told = explain.explain(
        fan_id,
        sale_id,
        sales=world.sales,
        events=world.events,
        demands=world.demands,
        notifications=world.notifications,
        switches=world.switches,
        clock=world.clock,
    )
    return WhyView(
        fan_id=told.fan_id,
        sale_id=told.sale_id,
        cause=told.answer.cause,
        reason=told.answer.reason,
        operator=told.answer.operator,
        fan=dict(told.answer.fan),
        rows=[RowView(notification=views.notification(each.row, world.vault), words=each.words) for each in told.rows],
    )


def _totals(world: World, sale_id: SaleId) -> TotalsExplanation | None:
    if world.sales.get(sale_id) is None:
        return None
    return explain.totals(sale_id, sales=world.sales, notifications=world.notifications)
