"""Notifications: one by its name, or the newest of a fan."""

from typing import Annotated

from fastapi import APIRouter, Path

from fanfare.doors.web import cursors, problems, views
from fanfare.doors.web.access import needs
from fanfare.doors.web.cursors import Limit
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.ids import FanQuery
from fanfare.doors.web.views import NotificationView, Page
from fanfare.model.ids import FanId
from fanfare.ports.api_keys import Scope
from fanfare.topology import World

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])

NamePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@router.get("", dependencies=[needs(Scope.NOTIFICATIONS_READ)])
async def list_notifications(door: OpenDoor, fan_id: FanQuery, limit: Limit = cursors.LIMIT) -> Page[NotificationView]:
    """Return the newest notifications of a fan; none for a fan who is not known."""
    items = await door.ask(lambda world: _of_fan(world, FanId(fan_id), limit))
    return Page(items=items, next_cursor=None)


@router.get("/{notification_id}", dependencies=[needs(Scope.NOTIFICATIONS_READ)])
async def get_notification(door: OpenDoor, notification_id: NamePath) -> NotificationView:
    """Return one notification."""
    found = await door.ask(lambda world: _named(world, notification_id))
    if found is None:
        raise problems.not_found("notification")
    return found


def _of_fan(world: World, fan_id: FanId, limit: int) -> list[NotificationView]:
    fan_ref = world.demands.fan_refs([fan_id]).get(fan_id)
    rows = world.notifications.of_fan(fan_ref, limit) if fan_ref is not None else ()
    return [views.notification(row, world.vault) for row in rows]


def _named(world: World, shown_id: str) -> NotificationView | None:
    (ref,) = world.vault.read_callback_tokens([shown_id])
    if ref is None or ref.attempt != views.SHOWN_ATTEMPT:
        return None
    row = world.notifications.get(ref.notification_id)
    return views.notification(row, world.vault) if row else None
