"""A show as the Discovery API would tell it: composed, with the habits of the real one (and its omissions)."""

from hashlib import sha256

from fanfare.lab import clock
from fanfare.lab.night_places import PLACES, Place
from fanfare.lab.night_shows import Art, Offer, Show, Trap

_MINUTE = 60
_DAY = 86_400
_SEGMENTS = {
    Art.MUSIC: {"id": "KZFzniwnSyZfZ7v7nJ", "name": "Music"},
    Art.SPORTS: {"id": "KZFzniwnSyZfZ7v7nE", "name": "Sports"},
    Art.THEATRE: {"id": "KZFzniwnSyZfZ7v7na", "name": "Arts & Theatre"},
}
_SENTINEL = "1900-01-01T06:00:00Z"
_DOMAINS = {"CA": "ca", "US": "com", "MX": "com.mx"}


def compose(show: Show, start_seconds: float) -> dict[str, object]:
    """Return the event's JSON; `start_seconds` is when the night begins."""
    place = PLACES[show.city]
    event: dict[str, object] = {
        "name": show.name,
        "type": "event",
        "id": show.id,
        "test": show.trap is Trap.TEST,
        "url": f"https://www.ticketmaster.{_DOMAINS[place.country]}/event/{_code('31', show.id)}",
        "locale": "en-us",  # the language of the answer, not of the country
        "sales": _sales(show, start_seconds),
        "dates": _dates(show, place, start_seconds),
        "classifications": [_classification(show)],
        "_embedded": _embedded(show, place),
    }
    if show.trap is Trap.NO_SALES:
        del event["sales"]
    if show.trap is Trap.RESALE:
        event["outlets"] = [{"url": str(event["url"]), "type": "tmMarketPlace"}]
    elif show.artist is not None:
        event["promoter"] = {"id": "494", "name": "PROMOTED BY EXAMPLE PRESENTS", "description": "EXAMPLE / NTL"}
    return event


def attraction_id(show: Show) -> str:
    """Return the id of the headliner, or nothing for an event that names none."""
    return "" if show.artist is None else _code("K8vZ9", show.artist)


def _sales(show: Show, start_seconds: float) -> dict[str, object]:
    public: dict[str, object] = {"startTBD": False, "startTBA": False}
    if show.trap is Trap.UNANNOUNCED:
        return {"public": {"startTBD": False, "startTBA": True}}
    if show.trap is Trap.RESALE:
        return {"public": {**public, "startDateTime": _SENTINEL}}
    public["startDateTime"] = _instant(start_seconds, show.public_minutes)
    public["endDateTime"] = clock.iso(_begins(show, start_seconds))
    presales = [_presale(offer, start_seconds) for offer in show.offers]
    return {"public": public, **({"presales": presales} if presales else {})}


def _presale(offer: Offer, start_seconds: float) -> dict[str, object]:
    return {
        "startDateTime": _instant(start_seconds, offer.start_minutes),
        "endDateTime": _instant(start_seconds, offer.end_minutes),
        "name": offer.name,
    }


def _dates(show: Show, place: Place, start_seconds: float) -> dict[str, object]:
    begins = clock.iso(_begins(show, start_seconds))
    start: dict[str, object] = {
        "localDate": begins[:10],
        "dateTBD": False,
        "dateTBA": False,
        "timeTBA": show.trap is Trap.RESALE,
        "noSpecificTime": False,
    }
    if show.trap is not Trap.RESALE:
        start |= {"localTime": "19:30:00", "dateTime": begins}
    status = {"code": "cancelled" if show.trap is Trap.CANCELLED else "offsale"}
    zone = {} if show.trap is Trap.RESALE else {"timezone": place.zone}
    return {"start": start, **zone, "status": status, "spanMultipleDays": False}


def _begins(show: Show, start_seconds: float) -> float:
    """Return an evening two to five months ahead, at half past eleven UTC."""
    midnight = start_seconds - start_seconds % _DAY
    return midnight + (60 + sha256(show.id.encode()).digest()[0] % 90) * _DAY + 23.5 * 3600


def _classification(show: Show) -> dict[str, object]:
    genre = {"id": _code("KnvZ9", show.genre), "name": show.genre}
    return {"primary": True, "segment": _SEGMENTS[show.art], "genre": genre, "family": False}


def _embedded(show: Show, place: Place) -> dict[str, object]:
    embedded: dict[str, object] = {"venues": [_venue(place)]}
    if show.artist is not None:
        headliner = {"name": show.artist, "type": "attraction", "id": attraction_id(show), "locale": "en-us"}
        embedded["attractions"] = [{**headliner, "classifications": [_classification(show)]}]
    return embedded


def _venue(place: Place) -> dict[str, object]:
    return {
        "id": _code("KovZ9", place.venue),
        "name": place.venue,
        "type": "venue",
        "locale": "en-us",
        "postalCode": place.postal_code,
        "timezone": place.zone,
        "city": {"name": place.city},
        "state": {"name": place.state, "stateCode": place.region[3:]},
        "country": {
            "name": {"CA": "Canada", "MX": "Mexico"}.get(place.country, "United States Of America"),
            "countryCode": place.country,
        },
        "address": {"line1": place.line1},
        "location": {"longitude": place.longitude, "latitude": place.latitude},
        "dmas": [{"id": 200 + sum(place.city.encode()) % 500}],
    }


def _instant(start_seconds: float, minutes: int) -> str:
    return clock.iso(start_seconds + minutes * _MINUTE)


def _code(prefix: str, text: str) -> str:
    return prefix + sha256(text.encode()).hexdigest()[:12].upper()
