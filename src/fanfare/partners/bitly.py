"""Short links by Bitly's v4 API. Carriers filter public shorteners, so our own redirector is the default."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from fanfare.model.ids import EventId
from fanfare.partners.http import Http, Request, Response, count_call
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent, Transient

MONTH_USED_UP = "MONTHLY_ENCODE_LIMIT_REACHED"
ALREADY_SHORT = "ALREADY_A_BITLY_LINK"
RATE_SECONDS = 60.0  # its limits are per minute and per hour; the answer does not say which
DOWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BitlyConfig:
    """One account."""

    base_url: str
    """With its version: ``https://api-ssl.bitly.com/v4``."""
    token: str
    domain: str = "bit.ly"
    group_guid: str | None = None
    refused_hosts: tuple[str, ...] = ()
    """Hosts, with everything below them, that no link may lead to."""

    def __repr__(self) -> str:
        """Name the domain only: the token is secret."""
        return f"BitlyConfig({self.domain!r})"


class _Shortened(msgspec.Struct):
    link: str


class _Problem(msgspec.Struct):
    message: str = ""


class Bitly:
    """Makes short links; the same address always gives the same one."""

    def __init__(self, config: BitlyConfig, *, http: Http, clock: Clock) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._url = f"{config.base_url.rstrip('/')}/shorten"
        self._headers = (f"Authorization: Bearer {config.token}", "Content-Type: application/json")

    def shorten(self, event_id: EventId, url: str) -> str:
        """As the port says."""
        host = _host_of(url)
        if host == self._config.domain.lower():
            return url  # short already; Bitly would refuse it
        if self._is_refused(host):
            raise Permanent(f"event {event_id}: links to {host} are refused by links settings")
        return self._read(self._ask(url), event_id, url)

    def _is_refused(self, host: str) -> bool:
        return any(host == each or host.endswith(f".{each}") for each in self._config.refused_hosts)

    def _ask(self, url: str) -> Response:
        asked = {"long_url": url, "domain": self._config.domain}
        if self._config.group_guid:
            asked["group_guid"] = self._config.group_guid
        result = self._http.send(Request("POST", self._url, self._headers, json.dumps(asked).encode()))
        count_call("bitly", result)
        if not isinstance(result, Response):
            raise Transient(f"Bitly: {result.why}", retry_after_seconds=DOWN_SECONDS)
        return result

    def _read(self, response: Response, event_id: EventId, url: str) -> str:
        if response.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return _link(response)
        problem = _problem(response)
        if problem == ALREADY_SHORT:
            return url
        if problem == MONTH_USED_UP:  # mostly with 429, sometimes with 403
            raise Permanent("Bitly: the plan's links of this month are used up")
        match response.status:
            case HTTPStatus.TOO_MANY_REQUESTS:
                wait = response.retry_after_seconds(self._clock.now())
                raise Transient("Bitly: too many requests", retry_after_seconds=RATE_SECONDS if wait is None else wait)
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.PAYMENT_REQUIRED as status:
                raise Permanent(f"Bitly refuses us: HTTP {status}; check links.bitly_token, bitly_group and the plan")
            case status if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Permanent(f"Bitly refuses the link of event {event_id}: HTTP {status}")
            case status:
                raise Transient(f"Bitly: HTTP {status}", retry_after_seconds=DOWN_SECONDS)


def _host_of(url: str) -> str:
    """Return the host of an absolute http or https address.

    Raises:
        Permanent: it is none.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise Permanent("the link's address is unreadable") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise Permanent("the link's address is not an http or https one")
    return host.lower().rstrip(".")


def _link(response: Response) -> str:
    try:
        link = msgspec.json.decode(response.body, type=_Shortened).link
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Transient("Bitly: the answer was unreadable", retry_after_seconds=DOWN_SECONDS) from error
    if link.startswith("https://") and link.isascii() and link.isprintable() and " " not in link:
        return link
    if link.startswith("http://"):
        return _link_by_https(link)
    raise Transient("Bitly: the answer held no link", retry_after_seconds=DOWN_SECONDS)


def _link_by_https(link: str) -> str:
    return "https" + link.removeprefix("http")


def _problem(response: Response) -> str:
    try:
        return msgspec.json.decode(response.body, type=_Problem).message
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
