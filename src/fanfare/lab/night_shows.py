"""The events of the night: fourteen and one that sell, and a handful of traps that must not."""

from dataclasses import dataclass, replace
from enum import StrEnum

_DAY = 24 * 60
_WEEK = 7 * _DAY


class Art(StrEnum):
    """What kind of event it is."""

    MUSIC = "music"
    THEATRE = "theatre"
    SPORTS = "sports"


class Trap(StrEnum):
    """Why nobody may be reminded of an event, or why it is hard to read."""

    RESALE = "resale"
    UNANNOUNCED = "unannounced"
    NO_SALES = "no_sales"
    CANCELLED = "cancelled"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One entry of `presales`; minutes from the beginning of the night."""

    name: str
    start_minutes: int
    end_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """One event. `weight` is its share of the demands, relative to the others."""

    id: str
    name: str
    city: str
    public_minutes: int
    weight: float
    artist: str | None = None
    art: Art = Art.MUSIC
    genre: str = "Rock"
    offers: tuple[Offer, ...] = ()
    trap: Trap | None = None
    brand: str = "ticketmaster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Discovery shows an event differently from then on."""

    at_minutes: int
    show: Show


def _tonight(name: str, minutes: int, length: int = 720) -> Offer:
    return Offer(name=name, start_minutes=minutes, end_minutes=minutes + length)


def _past(name: str) -> Offer:
    return Offer(name=name, start_minutes=-2 * _DAY, end_minutes=-_DAY)


def _package(name: str, minutes: int) -> Offer:
    """Return an offer that begins with the public sale and lasts: no presale, whatever list it is in."""
    return Offer(name=name, start_minutes=minutes, end_minutes=minutes + 60 * _DAY)


_TOMORROW = 22 * 60 + 30

_BIG = 14.0  # about half of all demands: the fourteen others share 1 + 1/2 + ... + 1/14 = 3.25, times 4.3

_MOVING = Show(
    id="vvG1fZ9TrinityF1",
    name="Dust & Neon \u2013 The Long Road Home",
    artist="Dust & Neon",
    city="Dallas",
    public_minutes=100,
    weight=4.3 / 5,
    genre="Country",
    offers=(_past("Radio Presale"), _package("VIP Packages", 100)),
    brand="livenation",
)
_WITHDRAWN = Show(
    id="vvG1fZ9FortPoint",
    name="The Quiet Cartographers",
    artist="The Quiet Cartographers",
    city="Boston",
    public_minutes=_TOMORROW,
    weight=4.3 / 7,
    genre="Alternative",
    offers=(_tonight("Artist Presale", 95),),
)

SHOWS = (
    Show(
        id="G5vYZ9AurSand01",
        name="Aurélie Sandoval: “Lumière” World Tour",
        artist="Aurélie Sandoval",
        city="Toronto",
        public_minutes=90,
        weight=_BIG,
        genre="Pop",
        offers=(
            _past("Artist Presale"),
            _past("Maple Bank® Cardmember Presale"),
            _package("VIP Packages", 90),
            _package("Official Platinum", 90),
        ),
        brand="livenation",
    ),
    Show(
        id="1AvZZ9Groves_Bwl",
        name="The Iron Lanterns",
        artist="The Iron Lanterns",
        city="Los Angeles",
        public_minutes=90,
        weight=4.3,
        offers=(_past("Live Nation Presale"), _package("Preferred Seating", 90)),
        brand="livenation",
    ),
    Show(
        id="G5vYZ9EtoilesF-1",
        name="Les Étoiles Filantes: Tournée d\u2019été",
        artist="Les Étoiles Filantes",
        city="Montréal",
        public_minutes=60,
        weight=4.3 / 2,
        offers=(_past("Prévente Artiste"), _package("Forfaits VIP", 60)),
    ),
    Show(
        id="vvG1fZ9LakeShore",
        name="Marlowe Vance",
        artist="Marlowe Vance",
        city="Chicago",
        public_minutes=120,
        weight=4.3 / 3,
        genre="Hip-Hop/Rap",
        offers=(_past("CITY CARD® PRESALE"), _package("VIP Packages", 120)),
        brand="livenation",
    ),
    Show(
        id="G5vYZ9CedarAren1",
        name="Northern Static",
        artist="Northern Static",
        city="Vancouver",
        public_minutes=_TOMORROW,
        weight=4.3 / 4,
        genre="Alternative",
        offers=(_tonight("Artist Presale", 60), _package("Official Platinum", _TOMORROW)),
        brand="livenation",
    ),
    _MOVING,
    Show(
        id="vvG1fZ9OldDepot1",
        name="Josie Hartwell",
        artist="Josie Hartwell",
        city="Nashville",
        public_minutes=_TOMORROW,
        weight=4.3 / 6,
        genre="Country",
        offers=(
            _tonight("Artist Presale", 120),
            _tonight("Live Nation Presale", 120),
            _tonight("Fan Club Preale", 120),
            _tonight("Venue Presale / Radio Presale", 120),
            _package("VIP Packages", _TOMORROW),
        ),
    ),
    _WITHDRAWN,
    Show(
        id="1AvZZ9Gaslight01",
        name="Much Ado at Midnight (New York)",
        artist="Much Ado at Midnight",
        city="New York",
        public_minutes=150,
        weight=4.3 / 8,
        art=Art.THEATRE,
        genre="Theatre",
        offers=(_past("Card Member® Presale"),),
    ),
    Show(
        id="G5vYZ9SalleCap_1",
        name="Le Cœur battant \u2013 théâtre musical",
        artist="Le Cœur battant",
        city="Québec",
        public_minutes=120,
        weight=4.3 / 9,
        art=Art.THEATRE,
        genre="Musical",
    ),
    Show(
        id="G5vYZ9SalleEx-01",
        name="Zoë & the Half-Moons",
        artist="Zoë & the Half-Moons",
        city="Ottawa",
        public_minutes=_TOMORROW,
        weight=4.3 / 10,
        genre="Folk",
        offers=(_tonight("Venue Presale", 60, 60), _tonight("Venue Presale", 150)),
    ),
    Show(
        id="vvG1fZ9MileRock1",
        name="Canyon Choir",
        artist="Canyon Choir",
        city="Denver",
        public_minutes=40,
        weight=4.3 / 11,
        offers=(_past("Venue Presale"),),
    ),
    Show(
        id="G5vYZ9Foothills1",
        name="PRAIRIE FIRE® LIVE",
        artist="Prairie Fire",
        city="Calgary",
        public_minutes=150,
        weight=4.3 / 12,
        offers=(_past("Prairie Mobile™ Presale"), _package("Resale Only", 150)),
    ),
    Show(
        id="rZ7HnEZ1PierNine",
        name="Late Ferry (18+)",
        city="Seattle",
        public_minutes=180,
        weight=4.3 / 13,
        genre="Undefined",
    ),
    Show(
        id="vvG1fZ9Bayfront1",
        name="Noches de Verano con Luz Marina",
        artist="Luz Marina",
        city="Miami",
        public_minutes=120,
        weight=4.3 / 14,
        genre="Latin",
        offers=(_past("Preventa / Presale"), _package("VIP Packages", 120)),
    ),
)

TRAPS = (
    Show(
        id="Z7r9jZ1AdResaleX",
        name="Aurélie Sandoval - Toronto",
        city="Toronto",
        public_minutes=0,
        weight=0.04,
        trap=Trap.RESALE,
    ),
    Show(
        id="G5vYZ9Unannounce",
        name="An Evening with Thelonius Park",
        artist="Thelonius Park",
        city="Winnipeg",
        public_minutes=0,
        weight=0.04,
        trap=Trap.UNANNOUNCED,
    ),
    Show(
        id="vvG1fZ9NoSalesXX",
        name="Harbour Fireworks Gala",
        city="Halifax",
        public_minutes=0,
        weight=0.04,
        trap=Trap.NO_SALES,
    ),
    Show(
        id="vvG1fZ9Registr01",
        name="The Velvet Tides",
        artist="The Velvet Tides",
        city="Phoenix",
        public_minutes=_WEEK,
        weight=0.04,
        offers=(_tonight("Verified Fan REGISTRATION", 90),),
    ),
    Show(
        id="vvG1fZ9Hockey001",
        name="Harbour City Herons vs. Lakeshore Lynx",
        artist="Harbour City Herons",
        city="Toronto",
        public_minutes=90,
        weight=0.04,
        art=Art.SPORTS,
        genre="Hockey",
    ),
    Show(
        id="1AvZZ9ForoLago_1",
        name="Río Abajo: Gira “Corazón”",
        artist="Río Abajo",
        city="Ciudad de México",
        public_minutes=90,
        weight=0.04,
        genre="Latin",
    ),
    Show(
        id="vvG1fZ9Cancelled",
        name="Glass Orchard",
        artist="Glass Orchard",
        city="Chicago",
        public_minutes=120,
        weight=0.04,
        trap=Trap.CANCELLED,
    ),
    Show(
        id="vvG1fZ9TestEvent",
        name="TEST EVENT do not publish",
        city="Los Angeles",
        public_minutes=90,
        weight=0.04,
        trap=Trap.TEST,
    ),
)

TURNS = (
    Turn(at_minutes=45, show=replace(_WITHDRAWN, offers=())),
    Turn(
        at_minutes=50,
        show=replace(_MOVING, public_minutes=145, offers=(_MOVING.offers[0], _package("VIP Packages", 145))),
    ),
)
