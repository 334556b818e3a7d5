"""The parts of a Discovery event that the lab itself needs to read; everything else it hands out as it was given."""

import msgspec

from fanfare.lab import clock

UNKNOWN_YEAR_END = "2000"  # starts before it (the 1900 sentinel) mean "no known start"


class Start(msgspec.Struct, rename="camel"):
    """When an event begins."""

    date_time: str | None = None
    local_date: str | None = None
    date_tbd: bool = msgspec.field(default=False, name="dateTBD")
    date_tba: bool = msgspec.field(default=False, name="dateTBA")


class Dates(msgspec.Struct):
    """When an event is."""

    start: Start = msgspec.field(default_factory=Start)


class Window(msgspec.Struct, rename="camel"):
    """When tickets are on sale."""

    start_date_time: str | None = None
    end_date_time: str | None = None
    start_tbd: bool = msgspec.field(default=False, name="startTBD")
    start_tba: bool = msgspec.field(default=False, name="startTBA")


class Sales(msgspec.Struct):
    """All windows of an event."""

    public: Window = msgspec.field(default_factory=Window)
    presales: tuple[Window, ...] = ()


class Named(msgspec.Struct):
    """Something with an id and a name."""

    id: str = ""
    name: str = ""


class Classification(msgspec.Struct):
    """What kind of event it is."""

    segment: Named = msgspec.field(default_factory=Named)
    genre: Named = msgspec.field(default_factory=Named)
    family: bool = False


class State(msgspec.Struct, rename="camel"):
    """A state or province."""

    state_code: str = ""


class Country(msgspec.Struct, rename="camel"):
    """A country."""

    country_code: str = ""


class Venue(msgspec.Struct, rename="camel"):
    """Where an event is."""

    id: str = ""
    postal_code: str = ""
    city: Named = msgspec.field(default_factory=Named)
    state: State = msgspec.field(default_factory=State)
    country: Country = msgspec.field(default_factory=Country)
    dmas: tuple[dict[str, int], ...] = ()


class Embedded(msgspec.Struct):
    """Where and who."""

    venues: tuple[Venue, ...] = ()
    attractions: tuple[Named, ...] = ()


class Listing(msgspec.Struct):
    """An event as far as the lab reads it."""

    id: str
    name: str
    test: bool = False
    dates: Dates = msgspec.field(default_factory=Dates)
    sales: Sales = msgspec.field(default_factory=Sales)
    classifications: tuple[Classification, ...] = ()
    embedded: Embedded = msgspec.field(default_factory=Embedded, name="_embedded")


def known_start(window: Window) -> str | None:
    """Return when a window opens, as written, or None when nobody knows."""
    start = window.start_date_time
    if start is None or window.start_tbd or window.start_tba or start < UNKNOWN_YEAR_END:
        return None
    return start


def openings(listing: Listing) -> tuple[float, ...]:
    """Return when the sales of an event open, in epoch seconds: the public one, and each presale that begins before it.

    Windows that begin with the public sale or later are offers (packages, resale), not openings.
    """
    public = known_start(listing.sales.public)
    starts = [start for window in listing.sales.presales if (start := known_start(window))]
    if public is not None:
        starts = [start for start in starts if start < public] + [public]
    return tuple(clock.parse_iso(start) for start in starts)
