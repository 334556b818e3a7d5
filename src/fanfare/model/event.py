"""An event: a concert or a show, as Fanfare keeps it after normalising a Discovery answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from fanfare.model.ids import EventId


class EventStatus(StrEnum):
    """What Discovery says of an event, with both spellings of *cancelled* folded into one."""

    ONSALE = "onsale"
    OFFSALE = "offsale"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """Where an event takes place. Every field but the name may be missing in recorded answers."""

    name: str
    venue_id: str | None = None
    city: str | None = None
    state_code: str | None = None
    """ISO 3166-2 subdivision without its country: ``QC``."""
    country_code: str | None = None
    """ISO 3166-1 alpha-2: ``CA``."""
    timezone: str | None = None
    """IANA name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attraction:
    """An artist or act of an event; the first is the headliner."""

    attraction_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event in normal form."""

    event_id: EventId
    name: str
    url: str | None
    status: EventStatus = EventStatus.UNKNOWN
    is_test: bool = False
    is_resale: bool = False
    """Listed by the resale market place or a partner: never a meaningful on-sale."""
    category_id: str | None = None
    """Discovery's segment id (*segment* here is a part of an SMS)."""
    timezone: str | None = None
    """IANA name, the event's own or else its venue's."""
    starts_at: datetime | None = None
    """When the doors of the event itself open to the show; aware UTC, None when not announced."""
    local_date: str | None = None
    """``YYYY-MM-DD`` at the venue, known even where the time is not."""
    venue: Venue | None = None
    attractions: tuple[Attraction, ...] = ()
    short_url: str | None = None
    """Set once, by the shortening worker; an import never clears it."""
    version: int = 0

    @property
    def artist(self) -> str:
        """The headliner's name, or the event's own where no attraction is listed."""
        return self.attractions[0].name if self.attractions else self.name

    @property
    def country_code(self) -> str | None:
        """The venue's country, ISO 3166-1 alpha-2."""
        return self.venue.country_code if self.venue else None

    def shortened(self, short_url: str) -> Self:
        """Return the event with its short link."""
        return replace(self, short_url=short_url, version=self.version + 1)
