"""Composed Discovery answers: one event for each trap that a sale's dates and listings hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

MUSIC = "KZFzniwnSyZfZ7v7nJ"
SPORTS = "KZFzniwnSyZfZ7v7nE"

Json = dict[str, Any]

STARTED = datetime.now(UTC).replace(second=0, microsecond=0)
"""One instant for the whole run, so that a minute may pass between two samples."""


def instant(days: float) -> str:
    """Return an instant so many days from now, on the full minute, as Discovery writes it."""
    return (STARTED + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(event_id: str, *, public: Json | None = None, presales: list[Json] | None = None, **parts: object) -> Json:
    """Return an event in Toronto whose public sale opens in ten days, unless told otherwise."""
    sales: Json = {"public": {"startDateTime": instant(10), "startTBD": False, "startTBA": False}}
    if public is not None:
        sales = {"public": public} if public else {}
    if presales:
        sales["presales"] = presales
    made: Json = {
        "id": event_id,
        "name": "Les Étoiles Filantes: Tournée d'été",
        "type": "event",
        "test": False,
        "url": f"https://www.ticketmaster.ca/event/{event_id}",
        "sales": sales,
        "dates": {
            "start": {"localDate": "2027-08-01", "dateTime": "2027-08-01T23:30:00Z"},
            "timezone": "America/Toronto",
            "status": {"code": "offsale"},
        },
        "classifications": [{"primary": True, "segment": {"id": MUSIC, "name": "Music"}}],
        "_embedded": {"venues": [venue("CA")], "attractions": [{"id": "K8vZExample", "name": "Les Étoiles Filantes"}]},
    }
    return made | parts


def venue(country: str) -> Json:
    """Return a venue in a country."""
    return {
        "id": "KovZExample",
        "name": "Salle Exemple",
        "timezone": "America/Toronto",
        "city": {"name": "Ottawa"},
        "state": {"name": "Ontario", "stateCode": "ON"},
        "country": {"name": country, "countryCode": country},
    }


def presale(name: str, starts: float, ends: float) -> Json:
    """Return an offer window, in days from now."""
    return {"name": name, "startDateTime": instant(starts), "endDateTime": instant(ends)}


def traps() -> dict[str, tuple[Json, str]]:
    """Return an event for each trap by its id, with the reason that its trapped sale must be listed with."""
    cancelled = {**event("x")["dates"], "status": {"code": "cancelled"}}
    sports = [{"primary": True, "segment": {"id": SPORTS, "name": "Sports"}}]
    return {
        "sentinel": (event("sentinel", public={"startDateTime": "1900-01-01T06:00:00Z"}), "start_sentinel"),
        "tba": (event("tba", public={"startTBD": False, "startTBA": True}), "start_tba"),
        "tbd": (event("tbd", public={"startTBD": True, "startDateTime": instant(9)}), "start_tbd"),
        "nosales": (event("nosales", public={}), "no_start"),
        "opened": (event("opened", public={"startDateTime": instant(-3)}), "already_open"),
        "cancelled": (event("cancelled", dates=cancelled), "cancelled"),
        "registration": (event("registration", name="Verified Fan REGISTRATION®"), "keyword"),
        "Z7r9jZresale": (event("Z7r9jZresale"), "resale"),
        "sports": (event("sports", classifications=sports), "category"),
        "mexico": (event("mexico", _embedded={"venues": [venue("MX")]}), "country"),
        "test": (event("test", test=True), "test_event"),
        "packages": (event("packages", presales=[presale("VIP Packages", 10, 40)]), "not_before_public"),
    }
