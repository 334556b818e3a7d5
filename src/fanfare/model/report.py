"""What comes back after a message left: delivery reports and texts from fans."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanfare.model.ids import NotificationId


class ReportStatus(StrEnum):
    """Provider words folded to what changes a row. Earlier stages (queued, sending, sent) change nothing."""

    PROGRESS = "progress"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRef:
    """Our own name for one attempt, as it comes back signed in a callback."""

    notification_id: NotificationId
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One delivery report, from the stream, the webhook's inbox, a bounce, or a look-up."""

    provider: str
    provider_id: str | None
    token: str | None
    """Our signed name of the attempt, where the provider echoes it."""
    status: ReportStatus
    code: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundText:
    """A text that a fan sent to one of our numbers, in memory only."""

    provider_id: str
    from_address: str
    to_address: str
    body: str
    at: datetime
    provider_replied: bool
    """The provider answered the keyword itself (its ``OptOutType`` was present)."""
