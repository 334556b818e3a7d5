"""What an event source says of one event: the event in normal form and its offer windows, not yet judged."""

from dataclasses import dataclass
from datetime import datetime

from fanfare.model.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer window as the source lists it. Every date may be missing."""

    name: str
    """Empty for the public sale."""
    starts_at: datetime | None
    ends_at: datetime | None = None
    is_tbd: bool = False
    is_tba: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """An event with its offers, before rules decide which of them are sales that fans hear of."""

    event: Event
    public: Offer | None
    presales: tuple[Offer, ...] = ()
