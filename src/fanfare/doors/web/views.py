"""What the API shows of events, sales and notifications. Names here are a promise to callers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from fanfare.model.channel import Channel
from fanfare.model.event import EventStatus
from fanfare.model.notification import MessageKind, Notification, Reason, State
from fanfare.model.sale import SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.ports.vault import Vault

Item = TypeVar("Item")


class View(BaseModel):
    """Reads the attributes of a record."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end")


class VenueView(View):
    """Where an event takes place."""

    name: str
    venue_id: str | None
    city: str | None
    state_code: str | None
    country_code: str | None
    timezone: str | None


class AttractionView(View):
    """An artist of an event."""

    attraction_id: str
    name: str


class EventView(View):
    """An event; the first attraction is the headliner."""

    event_id: str
    name: str
    url: str | None
    short_url: str | None
    status: EventStatus
    timezone: str | None
    starts_at: datetime | None
    local_date: str | None
    venue: VenueView | None
    attractions: list[AttractionView]


class SaleView(View):
    """One on-sale of an event."""

    sale_id: str
    event_id: str
    kind: SaleKind
    name: str
    status: SaleStatus
    starts_at: datetime | None
    ends_at: datetime | None
    send_at: datetime | None
    unscheduled: UnscheduledReason | None
    suppressed: SuppressionReason | None
    revision: int
    frozen_at: datetime | None


class NotificationView(BaseModel):
    """One notification, without address and words."""

    notification_id: str
    occasion: str = Field(examples=["sale:vvG1iZ4JkS1GKT:public"])
    channel: Channel
    kind: MessageKind
    brand: str
    state: State
    reason: Reason | None
    is_ended: bool
    attempts: int
    late: bool
    send_at: datetime | None
    wake_at: datetime | None
    created_at: datetime
    triggered_at: datetime | None
    queued_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    provider_id: str | None
    provider_code: int | None


SHOWN_ATTEMPT = 0
"""No attempt has this number, so a shown name is never taken for a callback's."""


def notification(row: Notification, vault: Vault) -> NotificationView:
    """Return what is shown of a row. The engine's own key goes out signed only."""
    (shown_id,) = vault.callback_tokens([row.notification_id], [SHOWN_ATTEMPT])
    fields: Mapping[str, object] = {name: getattr(row, name) for name in _OF_ROW}
    return NotificationView.model_validate({**fields, "notification_id": shown_id, "occasion": str(row.occasion)})


_OF_ROW = tuple(name for name in NotificationView.model_fields if name not in {"notification_id", "occasion"})
