"""Whether the door lives, and whether it can serve. Neither says anything about a fan."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from fanfare.doors.web.access import is_open
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.worlds import BusyError
from fanfare.ports.faults import Fault
from fanfare.topology import World

router = APIRouter(tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: str = "live"


class Ready(BaseModel):
    """Whether the store can be read, and how far work lags behind."""

    status: str = Field(examples=["ready", "not_ready"])
    overdue_seconds: float | None = Field(default=None, description="How long the oldest due row has waited")
    queued_messages: int | None = Field(default=None, description="Messages in all queues")
    sending_paused: bool | None = None


@router.get("/livez", dependencies=[is_open("says only that the process answers")])
async def live() -> Live:
    """Say that the process answers."""
    return Live()


@router.get(
    "/readyz",
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Ready}},
    dependencies=[is_open("says nothing private")],
)
async def ready(door: OpenDoor) -> Ready:
    """Open the store and say how far work lags behind."""
    try:
        return await door.ask(_look)
    except (Fault, BusyError, OSError):
        not_ready: Response = JSONResponse(Ready(status="not_ready").model_dump(), HTTPStatus.SERVICE_UNAVAILABLE)
        return not_ready  # pyright: ignore[reportReturnType] # a response stands for its model


def _look(world: World) -> Ready:
    now = world.clock.now()
    next_at = world.notifications.next_wake_at()
    return Ready(
        status="ready",
        overdue_seconds=overdue_seconds(next_at, now),
        queued_messages=sum(world.queues.waiting().values()),
        sending_paused=world.switches.paused() is not None,
    )


def overdue_seconds(next_at: datetime | None, now: datetime) -> float:
    """Return how long what was due next has waited."""
    return max(0.0, (now - next_at).total_seconds()) if next_at else 0.0
