"""Which zones the states, provinces and territories of the United States and Canada use.

Made by hand: the zones are those that ``zone.tab`` of the time zone database lists for the two countries, laid on
states and provinces with the counties that keep a neighbour's time. A zone too many only makes a night longer.
"""

from collections.abc import Mapping
from types import MappingProxyType

_EASTERN = ("America/New_York",)
_CENTRAL = ("America/Chicago",)
_MOUNTAIN = ("America/Denver",)
_PACIFIC = ("America/Los_Angeles",)
_CENTRAL_AND_MOUNTAIN = _CENTRAL + _MOUNTAIN
_EASTERN_AND_CENTRAL = _EASTERN + _CENTRAL

_ALASKA = tuple(
    f"America/{place}" for place in ("Anchorage", "Juneau", "Sitka", "Metlakatla", "Yakutat", "Nome", "Adak")
)
_INDIANA = tuple(
    f"America/Indiana/{place}"
    for place in ("Indianapolis", "Knox", "Marengo", "Petersburg", "Tell_City", "Vevay", "Vincennes", "Winamac")
)
_KENTUCKY = ("America/Kentucky/Louisville", "America/Kentucky/Monticello")
_NORTH_DAKOTA = tuple(f"America/North_Dakota/{place}" for place in ("Center", "New_Salem", "Beulah"))

_STATES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("CT", "DC", "DE", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA", "RI", "SC", "VA", "VT", "WV"),
        _EASTERN,
    ),
    **dict.fromkeys(("AL", "AR", "IA", "IL", "LA", "MN", "MO", "MS", "OK", "WI"), _CENTRAL),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), _MOUNTAIN),
    **dict.fromkeys(("CA", "WA"), _PACIFIC),
    **dict.fromkeys(("KS", "NE", "SD", "TX"), _CENTRAL_AND_MOUNTAIN),
    **dict.fromkeys(("FL", "TN"), _EASTERN_AND_CENTRAL),
    "AK": _ALASKA,
    "AZ": ("America/Phoenix", "America/Denver"),
    "HI": ("Pacific/Honolulu",),
    "ID": ("America/Boise", "America/Los_Angeles"),
    "IN": (*_INDIANA, "America/Chicago", "America/Kentucky/Louisville"),
    "KY": (*_KENTUCKY, *_EASTERN_AND_CENTRAL),
    "MI": ("America/Detroit", "America/Menominee"),
    "ND": (*_NORTH_DAKOTA, *_CENTRAL_AND_MOUNTAIN),
    "NV": ("America/Los_Angeles", "America/Denver"),
    "OR": ("America/Los_Angeles", "America/Boise"),
}

_PROVINCES: dict[str, tuple[str, ...]] = {
    "AB": ("America/Edmonton",),
    "BC": ("America/Vancouver", "America/Creston", "America/Dawson_Creek", "America/Fort_Nelson", "America/Edmonton"),
    "MB": ("America/Winnipeg",),
    "NB": ("America/Moncton",),
    "NL": ("America/St_Johns", "America/Goose_Bay"),
    "NS": ("America/Halifax", "America/Glace_Bay"),
    "NT": ("America/Inuvik", "America/Yellowknife", "America/Edmonton"),
    "NU": ("America/Iqaluit", "America/Rankin_Inlet", "America/Resolute", "America/Cambridge_Bay", "America/Atikokan"),
    "ON": ("America/Toronto", "America/Thunder_Bay", "America/Winnipeg", "America/Rainy_River", "America/Atikokan"),
    "PE": ("America/Halifax",),
    "QC": ("America/Toronto", "America/Montreal", "America/Halifax", "America/Blanc-Sablon"),
    "SK": ("America/Regina", "America/Swift_Current", "America/Edmonton"),
    "YT": ("America/Whitehorse", "America/Dawson"),
}

_TERRITORIES: dict[str, tuple[str, ...]] = {
    "US-AS": ("Pacific/Pago_Pago",),
    "US-GU": ("Pacific/Guam",),
    "US-MP": ("Pacific/Saipan",),
    "US-PR": ("America/Puerto_Rico",),
    "US-VI": ("America/St_Thomas",),
}

_MAIN: dict[str, tuple[str, ...]] = {
    **{f"US-{code}": zones for code, zones in _STATES.items()},
    **{f"CA-{code}": zones for code, zones in _PROVINCES.items()},
}

ZONES_BY_REGION: Mapping[str, tuple[str, ...]] = MappingProxyType(_MAIN | _TERRITORIES)
"""ISO 3166-2 -> its zones."""

EVERY_ZONE: tuple[str, ...] = tuple(sorted({zone for zones in _MAIN.values() for zone in zones}))
"""Where a fan of whom nothing is known may be. The islands are left out: numbers there are not taken, and with Guam
no hour of the day would be left."""

REGIONS_BY_ZONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        zone: tuple(sorted(region for region, used in ZONES_BY_REGION.items() if zone in used))
        for zone in sorted({zone for zones in ZONES_BY_REGION.values() for zone in zones})
    }
)
"""Zone -> the regions that use it."""
