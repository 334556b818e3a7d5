"""The Discovery API v2: one event, and search; an event can be loaded or replaced at any time."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from fanfare.lab import clock, forms, search_filters
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import LabConfig
from fanfare.lab.dice import Dice
from fanfare.lab.faults import DISCOVERY, Fault
from fanfare.lab.http import Exchange, render
from fanfare.lab.listing import Listing, openings
from fanfare.lab.routes import RefusedError, Routes, Serve

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 200
DEPTH_MAX = 1000  # the API answers only while size * page stays below
_DAY_SECONDS = 86_400
_EVENTS = "/discovery/v2/events"


@dataclass(frozen=True, slots=True)
class _Loaded:
    raw: bytes
    listing: Listing


class Discovery:
    """Holds events and serves them."""

    def __init__(self, config: LabConfig, *, stage_clock: clock.Clock, dice: Dice) -> None:
        self._api_key = config.api_key
        self._quota_max = config.discovery_quota_max
        self._clock = stage_clock
        self._dice = dice
        self._attempts = Attempts()
        self._events: dict[str, _Loaded] = {}
        self._day = 0
        self._calls_today = 0

    def add_routes(self, routes: Routes) -> None:
        """Add the partner's routes, and the one that loads an event."""
        routes.add("GET", f"{_EVENTS}.json", self._guarded(self._search))
        routes.add("GET", _EVENTS + "/{id}.json", self._guarded(self._show))
        routes.add("PUT", _EVENTS + "/{id}.json", self._load)

    def put(self, raw: bytes) -> Listing:
        """Load an event or replace it.

        Raises:
            msgspec.DecodeError: not an event.
        """
        listing = msgspec.json.decode(raw, type=Listing)
        self._events[listing.id] = _Loaded(raw, listing)
        return listing

    def last_opening(self, event_ids: tuple[str, ...]) -> float | None:
        """Return the latest opening of some events, as known now, in epoch seconds."""
        loaded = [self._events[event_id].listing for event_id in event_ids if event_id in self._events]
        return max((opening for listing in loaded for opening in openings(listing)), default=None)

    def _load(self, exchange: Exchange) -> None:
        listing = msgspec.json.decode(exchange.body, type=Listing)
        if listing.id != exchange.values["id"]:
            raise RefusedError(400, "the event's id is not the one in the path")
        self.put(exchange.body)
        exchange.json(200, {"id": listing.id})

    def _guarded(self, serve: Serve) -> Serve:
        def guarded(exchange: Exchange) -> None:
            if forms.parse(exchange.query).get("apikey") != self._api_key:
                exchange.json(401, _gateway_fault("Invalid ApiKey", "oauth.v2.InvalidApiKey"))
            elif not self._is_struck(exchange) and self._has_quota(exchange):
                serve(exchange)

        return guarded

    def _is_struck(self, exchange: Exchange) -> bool:
        key = f"{exchange.path}?{exchange.query.decode('latin-1')}"
        fault = self._dice.partner(DISCOVERY, key, self._attempts.next("discovery", key))
        match fault:
            case Fault.DISCOVERY_500:
                exchange.send(render(500, b"<html><body>Internal Server Error</body></html>", content_type="text/html"))
            case Fault.DISCOVERY_429:
                exchange.json(429, _SPIKE, self._quota_headers())
            case Fault.DISCOVERY_QUOTA:
                self._calls_today = self._quota_max
                exchange.json(429, _DAILY, self._quota_headers())
            case _:
                return False
        return True

    def _has_quota(self, exchange: Exchange) -> bool:
        today = int(self._clock.seconds() // _DAY_SECONDS)
        if today != self._day:
            self._day, self._calls_today = today, 0
        self._calls_today += 1
        if self._calls_today <= self._quota_max:
            return True
        exchange.json(429, _DAILY, self._quota_headers())
        return False

    def _quota_headers(self) -> tuple[tuple[str, str], ...]:
        reset_ms = (int(self._clock.seconds() // _DAY_SECONDS) + 1) * _DAY_SECONDS * 1000
        return (
            ("Rate-Limit", str(self._quota_max)),
            ("Rate-Limit-Available", str(max(0, self._quota_max - self._calls_today))),
            ("Rate-Limit-Over", str(max(0, self._calls_today - self._quota_max))),
            ("Rate-Limit-Reset", str(reset_ms)),
        )

    def _show(self, exchange: Exchange) -> None:
        loaded = self._events.get(exchange.values["id"])
        if loaded is None:
            detail = f"Resource not found with provided criteria (locale=en-us, id={exchange.values['id']})"
            exchange.json(404, _errors("DIS1004", detail, 404), self._quota_headers())
        else:
            exchange.send(render(200, loaded.raw, headers=self._quota_headers()))

    def _search(self, exchange: Exchange) -> None:
        asked = forms.parse(exchange.query)
        size = max(1, min(forms.whole_number(asked, "size", PAGE_SIZE_DEFAULT), PAGE_SIZE_MAX))
        page = forms.whole_number(asked, "page", 0)
        problem = _problem(asked, size, page)
        if problem is not None:
            exchange.json(400, problem, self._quota_headers())
            return
        headers = self._quota_headers()
        if names := search_filters.unknown(asked):
            headers += (("X-Unknown-Params", ",".join(names)),)
        exchange.json(200, _page(self._find(asked), asked, size, page), headers)

    def _find(self, asked: dict[str, str]) -> list[_Loaded]:
        found = [loaded for loaded in self._events.values() if search_filters.matches(loaded.listing, asked)]
        key, downwards = search_filters.sort_key(asked.get("sort", "date,asc"))
        return sorted(found, key=_by_listing(key), reverse=downwards)


def _by_listing(key: Callable[[Listing], str]) -> Callable[[_Loaded], tuple[str, str]]:
    return lambda loaded: (key(loaded.listing), loaded.listing.id)


def _problem(asked: dict[str, str], size: int, page: int) -> dict[str, object] | None:
    if size * page >= DEPTH_MAX or page < 0:
        return _errors("DIS1035", "Max paging depth is exceeded. (page * size) must be less than 1,000", 400)
    name = search_filters.badly_dated(asked)
    if name is not None:
        return _errors("DIS1015", f"Query param {name} must be of valid format YYYY-MM-DDTHH:mm:ssZ", 400)
    return None


def _page(found: list[_Loaded], asked: dict[str, str], size: int, page: int) -> dict[str, object]:
    pages = -(-len(found) // size)
    shown = [msgspec.Raw(loaded.raw) for loaded in found[page * size : (page + 1) * size]]
    links: dict[str, object] = {"self": {"href": _href(asked, {})}}
    if page + 1 < pages:
        links["next"] = {"href": _href(asked, {"page": str(page + 1), "size": str(size)})}
    envelope: dict[str, object] = {"_embedded": {"events": shown}} if shown else {}
    numbers = {"size": size, "totalElements": len(found), "totalPages": pages, "number": page}
    return {**envelope, "_links": links, "page": numbers}


def _href(asked: dict[str, str], changed: dict[str, str]) -> str:
    parameters = {name: value for name, value in asked.items() if name != "apikey"} | changed
    return f"{_EVENTS}.json?{urlencode(parameters)}"


def _gateway_fault(message: str, code: str) -> dict[str, object]:
    return {"fault": {"faultstring": message, "detail": {"errorcode": code}}}


def _errors(code: str, detail: str, status: int) -> dict[str, object]:
    about = {"about": {"href": f"/discovery/v2/errors.html#{code}"}}
    return {"errors": [{"code": code, "detail": detail, "status": str(status), "_links": about}]}


_DAILY = _gateway_fault("Rate limit quota violation.", "policies.ratelimit.QuotaViolation")
_SPIKE = _gateway_fault("Spike arrest violation.", "policies.ratelimit.SpikeArrestViolation")
