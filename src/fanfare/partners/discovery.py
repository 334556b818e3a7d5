"""The Discovery API v2, within its quotas: so many requests a second, so many a day."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

import msgspec

from fanfare import telemetry
from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent
from fanfare.partners.discovery_json import EVENT_ID, Refusal, decode_document, decode_event
from fanfare.partners.http import Http, Pace, Request, Response, count_call
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent, Transient
from fanfare.telemetry import Fact

DEPTH_MAX = 1000  # the API answers only while size * page stays below
SPIKE_SECONDS = 1.0
DOWN_SECONDS = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryConfig:
    """One API key and its quotas."""

    base_url: str
    """With its version: ``https://app.ticketmaster.com/discovery/v2``."""
    api_key: str
    requests_per_second: float = 5.0
    requests_per_day: int = 5000
    page_size: int = 200
    locale: str = "*"
    """``*`` finds events in every language; without it the API hides those that are not in English."""
    source: str = "ticketmaster"
    """Whose listings a search returns; resale and partner listings never have an on-sale of their own."""

    def __repr__(self) -> str:
        """Name the address only: the key is secret."""
        return f"DiscoveryConfig({self.base_url!r})"


class _FaultDetail(msgspec.Struct):
    errorcode: str = ""


class _Fault(msgspec.Struct):
    detail: _FaultDetail = msgspec.field(default_factory=_FaultDetail)


class _ApiError(msgspec.Struct):
    code: str = ""


class _ErrorBody(msgspec.Struct):
    """Both families of error bodies: the gateway's ``fault`` and the API's ``errors``."""

    fault: _Fault = msgspec.field(default_factory=_Fault)
    errors: list[_ApiError] = []


class _PageNumbers(msgspec.Struct, rename="camel"):
    number: int = 0
    total_pages: int = 0


class _PageBody(msgspec.Struct):
    page: _PageNumbers = msgspec.field(default_factory=_PageNumbers)


class Discovery:
    """Reads events. The key travels in the address, so no address is ever logged or told."""

    def __init__(self, config: DiscoveryConfig, *, http: Http, clock: Clock) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._base = config.base_url.rstrip("/")
        self._pace = Pace(config.requests_per_second)
        self._quota = _DayQuota(config.requests_per_day)

    def get(self, event_id: EventId) -> SourceEvent | None:
        """As the port says.

        Raises:
            Permanent: also when the event cannot be read; the message names place, reason and fix.
        """
        if not EVENT_ID.fullmatch(event_id):
            return None
        response = self._ask(f"events/{event_id}.json", {})
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        event = decode_event(_json(self._checked(response)), f"event {event_id}")
        if isinstance(event, Refusal):
            raise Permanent(f"{event.place}: {event.reason}; {event.fix}")
        return event

    def on_sale_between(
        self, from_at: datetime, until_at: datetime, *, country_code: str | None, page: int
    ) -> tuple[tuple[SourceEvent, ...], bool]:
        """As the port says. Events that cannot be read are left out and logged.

        The API pages no deeper than 1,000 events: ask for narrower windows where that is logged.
        """
        asked = {
            "onsaleStartDateTime": _text(from_at),
            "onsaleEndDateTime": _text(until_at),
            "includeTBA": "yes",  # a date filter alone would hide events whose own date is open
            "includeTBD": "yes",
            "source": self._config.source,
            "sort": "onSaleStartDate,asc",
            "size": str(self._config.page_size),
            "page": str(page),
        }
        if country_code:
            asked["countryCode"] = country_code
        obj = _json(self._checked(self._ask("events.json", asked)))
        events, refusals = decode_document(obj)
        for refusal in refusals:
            _tell(Fact.SOURCE_EVENT_REFUSED, place=refusal.place, reason=refusal.reason)
        return events, self._has_more(obj, page)

    def _has_more(self, obj: object, page: int) -> bool:
        numbers = _page_numbers(obj)
        if page + 1 >= numbers.total_pages:
            return False
        if self._config.page_size * (page + 1) >= DEPTH_MAX:
            _tell(Fact.SOURCE_WINDOW_TOO_WIDE, pages=numbers.total_pages, page_size=self._config.page_size)
            return False
        return True

    def _ask(self, path: str, asked: dict[str, str]) -> Response:
        self._quota.spend(self._clock.now())
        query = urlencode({"apikey": self._config.api_key, "locale": self._config.locale} | asked)
        self._pace.wait()
        result = self._http.send(Request("GET", f"{self._base}/{path}?{query}", ("Accept: application/json",)))
        count_call("discovery", result)
        if not isinstance(result, Response):
            raise Transient(f"Discovery: {result.why}", retry_after_seconds=DOWN_SECONDS)
        self._quota.learn(result)
        return result

    def _checked(self, response: Response) -> Response:
        """Return a good answer.

        Raises:
            Transient: out of reach, or over quota.
            Permanent: the key or the request is refused.
        """
        match response.status:
            case HTTPStatus.OK:
                return response
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                raise Permanent("Discovery refuses the API key; check discovery.api_key")
            case HTTPStatus.TOO_MANY_REQUESTS:
                raise self._over_quota(response)
            case status if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                codes = ", ".join(error.code for error in _error(response).errors) or "no code"
                raise Permanent(f"Discovery refuses the request: HTTP {status}, {codes}")
            case status:
                raise Transient(f"Discovery: HTTP {status}", retry_after_seconds=DOWN_SECONDS)

    def _over_quota(self, response: Response) -> Transient:
        now = self._clock.now()
        if not _error(response).fault.detail.errorcode.endswith("QuotaViolation"):
            return Transient("Discovery: too many requests a second", retry_after_seconds=SPIKE_SECONDS)
        wait = self._quota.close(response, now)
        return Transient("Discovery: the day's quota is used up", retry_after_seconds=wait)


class _DayQuota:
    """What may still be asked today, by our own count and by what the API tells."""

    def __init__(self, per_day: int) -> None:
        self._per_day = per_day
        self._day = datetime.min.replace(tzinfo=UTC)
        self._spent = 0
        self._closed_until: datetime | None = None

    def spend(self, now: datetime) -> None:
        """Count one request.

        Raises:
            Transient: none is left, with the wait.
        """
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if today != self._day:
            self._day, self._spent = today, 0
        if self._spent >= self._per_day:
            self._closed_until = today + timedelta(days=1)
            self._spent = 0
        if self._closed_until and now < self._closed_until:
            wait = (self._closed_until - now).total_seconds()
            raise Transient("Discovery: the day's quota is used up", retry_after_seconds=wait)
        self._spent += 1

    def learn(self, response: Response) -> None:
        """Close when the API says that nothing is left."""
        if response.status == HTTPStatus.OK and response.header("Rate-Limit-Available") == "0":
            self._closed_until = _reset_at(response) or self._closed_until

    def close(self, response: Response, now: datetime) -> float:
        """Close until the API's own reset, else until the next UTC day; return the wait in seconds."""
        self._closed_until = _reset_at(response) or self._day + timedelta(days=1)
        return max(0.0, (self._closed_until - now).total_seconds())


def _reset_at(response: Response) -> datetime | None:
    """Return the instant of ``Rate-Limit-Reset``, which is in epoch milliseconds."""
    value = response.header("Rate-Limit-Reset") or ""
    if not (value.isascii() and value.isdigit() and len(value) <= 14):  # noqa: PLR2004 - digits of the year 5138
        return None
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def _json(response: Response) -> object:
    try:
        return cast("object", msgspec.json.decode(response.body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Transient("Discovery: the answer was unreadable", retry_after_seconds=DOWN_SECONDS) from error


def _error(response: Response) -> _ErrorBody:
    try:
        return msgspec.json.decode(response.body, type=_ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _ErrorBody()


def _page_numbers(obj: object) -> _PageNumbers:
    try:
        return msgspec.convert(obj, _PageBody).page
    except msgspec.ValidationError:
        return _PageNumbers()


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(fact: Fact, **fields: object) -> None:
    telemetry.log(logger, fact, logging.WARNING, **fields)
