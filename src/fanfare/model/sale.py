"""A sale: one offer window of an event that fans may be reminded of."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from fanfare.model.ids import EventId, SaleId


class SaleKind(StrEnum):
    """What kind of on-sale it is, told from its place and its name. In order of rank, highest first."""

    PUBLIC = "public"
    VERIFIED_FAN = "verified_fan"
    ARTIST = "artist"
    VENUE = "venue"
    CREDIT_CARD = "credit_card"
    VIP = "vip"
    OTHER = "other"

    @property
    def rank(self) -> int:
        """Place in the order by which one of several sales at one instant is named; 0 is highest."""
        return tuple(SaleKind).index(self)


class SuppressionReason(StrEnum):
    """Why a whole sale gets no reminders (REQ-005, and what the event source lists that is no on-sale)."""

    ARTIST = "artist"
    SALE_KIND = "sale_kind"
    KEYWORD = "keyword"
    COUNTRY = "country"
    CATEGORY = "category"
    RESALE = "resale"
    TEST_EVENT = "test_event"
    NOT_BEFORE_PUBLIC = "not_before_public"
    """A presale entry that begins with or after the public sale: a package offer, not a presale."""
    BY_OPERATOR = "by_operator"


class UnscheduledReason(StrEnum):
    """Why a sale has no instant to be reminded before."""

    NO_START = "no_start"
    START_SENTINEL = "start_sentinel"
    """A year before 2000 stands for *no known start*."""
    START_TBD = "start_tbd"
    START_TBA = "start_tba"
    ALREADY_OPEN = "already_open"


class SaleStatus(StrEnum):
    """Whether a sale is going to open."""

    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One on-sale of an event. ``revision`` counts what fans were or would be told."""

    sale_id: SaleId
    event_id: EventId
    kind: SaleKind
    name: str
    """As the source spells it; empty for the public sale."""
    status: SaleStatus
    starts_at: datetime | None
    """The opening instant, aware UTC; None when not scheduled."""
    ends_at: datetime | None = None
    unscheduled: UnscheduledReason | None = None
    suppressed: SuppressionReason | None = None
    send_at: datetime | None = None
    """``starts_at`` less the lead of its kind; None when not scheduled."""
    revision: int = 1
    """Bumped by each change of start, status or link that makes a told text false."""
    frozen_at: datetime | None = None
    """When its audience was frozen and generation began; later demands are late opt-ins."""
    version: int = 0

    @property
    def is_notifiable(self) -> bool:
        """Whether fans are to be reminded of it at all."""
        return self.status is SaleStatus.SCHEDULED and self.suppressed is None

    def moved(self, *, starts_at: datetime, send_at: datetime) -> Self:
        """Return the sale opening at another instant, as a new revision."""
        return replace(
            self,
            status=SaleStatus.SCHEDULED,
            starts_at=starts_at,
            send_at=send_at,
            unscheduled=None,
            revision=self.revision + 1,
            version=self.version + 1,
        )

    def cancelled(self) -> Self:
        """Return the sale as one that will not open, as a new revision."""
        return replace(self, status=SaleStatus.CANCELLED, revision=self.revision + 1, version=self.version + 1)
