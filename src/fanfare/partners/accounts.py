"""The account service: OAuth2 client credentials, then accounts by id.

What comes back is not trusted: each field is taken where it has the right form and is None otherwise. Nothing of an
answer is ever logged or told in a fault.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock
from typing import cast
from urllib.parse import quote, quote_plus

import msgspec

from fanfare.model.ids import FanId
from fanfare.partners.http import Http, Request, Response, Result, count_call
from fanfare.ports.accounts import Account
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent, Transient

EXPIRY_MARGIN_SECONDS = 60.0
TOKEN_SECONDS_MAX = 86_400.0
DOWN_SECONDS = 5.0
TEXT_MAX = 320  # the longest email address; nothing here is longer

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsConfig:
    """The service and our credentials with it."""

    base_url: str
    issuer_url: str
    client_id: str
    client_secret: str
    scope: str = "account.read"

    def __repr__(self) -> str:
        """Name the service only: the rest is secret."""
        return f"AccountsConfig({self.base_url!r})"


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 0.0


class OAuthAccounts:
    """Reads accounts. Threads may share it: of those that find the token expired, one fetches the next."""

    def __init__(self, config: AccountsConfig, *, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._base = config.base_url.rstrip("/")
        self._token = _TokenKeeper(config, http=http, clock=clock)

    def get(self, account_id: FanId) -> Account | None:
        """As the port says."""
        if not account_id.strip("."):
            return None  # would climb in the path
        headers = self._token.headers()
        result = self._ask(account_id, headers)
        if isinstance(result, Response) and result.status == HTTPStatus.UNAUTHORIZED:
            result = self._ask(account_id, self._token.headers(refused=headers))
        return _account(_checked(result, self._clock.now()), account_id)

    def _ask(self, account_id: FanId, headers: tuple[str, ...]) -> Result:
        result = self._http.send(Request("GET", f"{self._base}/accounts/{quote(account_id, safe='')}", headers))
        count_call("accounts", result)
        return result


class _TokenKeeper:
    """Our access token, fetched when there is none that lasts another minute."""

    def __init__(self, config: AccountsConfig, *, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._lock = Lock()
        self._headers: tuple[str, ...] = ()
        self._good_until = 0.0
        client = f"{quote_plus(config.client_id)}:{quote_plus(config.client_secret)}"  # RFC 6749 section 2.3.1
        self._request = Request(
            "POST",
            f"{config.issuer_url.rstrip('/')}/oauth2/token",
            (
                f"Authorization: Basic {b64encode(client.encode()).decode('ascii')}",
                "Content-Type: application/x-www-form-urlencoded",
                "Accept: application/json",
            ),
            f"grant_type=client_credentials&scope={quote_plus(config.scope)}".encode(),
        )

    def headers(self, refused: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return the headers of a call; ``refused`` are those that the service just turned away."""
        with self._lock:
            expired = self._clock.monotonic_seconds() >= self._good_until
            if expired or self._headers is refused:
                self._fetch()
            return self._headers

    def _fetch(self) -> None:
        token = _token(self._http.send(self._request), self._clock.now())
        lasting = min(token.expires_in, TOKEN_SECONDS_MAX) - EXPIRY_MARGIN_SECONDS
        self._good_until = self._clock.monotonic_seconds() + lasting
        self._headers = (f"Authorization: Bearer {token.access_token}", "Accept: application/json")


def _token(result: Result, now: datetime) -> _Token:
    if isinstance(result, Response) and result.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        raise Permanent("the account service refuses our credentials; check accounts.client_id and client_secret")
    response = _checked(result, now)
    try:
        token = msgspec.json.decode(response.body, type=_Token)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Transient("account service: the token was unreadable", retry_after_seconds=DOWN_SECONDS) from None
    if not (token.access_token.isascii() and token.access_token.isprintable() and token.access_token.strip()):
        raise Transient("account service: the token was unreadable", retry_after_seconds=DOWN_SECONDS)
    return token


def _checked(result: Result, now: datetime) -> Response:
    """Return an answer that says yes or *there is none*.

    Raises:
        Transient: out of reach, or over quota.
        Permanent: our credentials or the request are refused.
    """
    if not isinstance(result, Response):
        raise Transient(f"account service: {result.why}", retry_after_seconds=DOWN_SECONDS)
    match result.status:
        case HTTPStatus.OK | HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return result
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN as status:
            raise Permanent(f"the account service refuses us: HTTP {status}; check accounts.client_id and its scope")
        case HTTPStatus.TOO_MANY_REQUESTS:
            wait = result.retry_after_seconds(now)
            raise Transient(
                "account service: too many requests", retry_after_seconds=DOWN_SECONDS if wait is None else wait
            )
        case status if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Permanent(f"the account service refuses the request: HTTP {status}")
        case status:
            raise Transient(f"account service: HTTP {status}", retry_after_seconds=DOWN_SECONDS)


def _account(response: Response, account_id: FanId) -> Account | None:
    if response.status != HTTPStatus.OK:
        return None  # unknown, deleted, or merged into another
    try:
        decoded = cast("object", msgspec.json.decode(response.body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        decoded = None
    if not isinstance(decoded, dict):
        raise Transient("account service: the answer was unreadable", retry_after_seconds=DOWN_SECONDS)
    return normalised(cast("Json", decoded), account_id)


def normalised(body: Json, account_id: FanId) -> Account:
    """Return an account in normal form, from our own names or those of OpenID Connect's claims."""
    email, phone = _text(body, "email"), _text(body, "phoneNumber", "phone_number")
    return Account(
        account_id=account_id,
        status=_text(body, "status"),
        email=email.lower() if email and "@" in email else None,
        email_verified=_flag(body, "emailVerified", "email_verified"),
        phone_number=phone if phone and _PHONE.fullmatch(phone) else None,
        phone_verified=_flag(body, "phoneVerified", "phone_number_verified"),
        given_name=_text(body, "givenName", "given_name"),
        family_name=_text(body, "familyName", "family_name"),
        locale=_locale(_text(body, "locale")),
        zone_info=_text(body, "zoneInfo", "zoneinfo"),
        country_code=_country(_text(body, "countryCode", "country_code")),
        postal_code=_text(body, "postalCode", "postal_code"),
        updated_at=_updated_at(body),
    )


def _text(body: Json, *names: str) -> str | None:
    found = next((body[name] for name in names if name in body), None)
    if not isinstance(found, str) or len(found) > TEXT_MAX:
        return None
    return found.strip() or None if found.isprintable() else None


def _flag(body: Json, *names: str) -> bool | None:
    found = next((body[name] for name in names if name in body), None)
    return found if isinstance(found, bool) else None


def _locale(text: str | None) -> str | None:
    """Return lower-case BCP 47, ``fr-ca``; systems also write ``fr_CA``."""
    locale = text.lower().replace("_", "-") if text else ""
    return locale if _LOCALE.fullmatch(locale) else None


def _country(text: str | None) -> str | None:
    return text.upper() if text and _COUNTRY.fullmatch(text) else None


def _updated_at(body: Json) -> str | None:
    """Return the instant of the last change, ISO 8601 in UTC; OpenID Connect counts epoch seconds."""
    value = body.get("updatedAt", body.get("updated_at"))
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else _epoch(value)
    except (ValueError, OverflowError, OSError):
        return None
    if at is None or at.tzinfo is None:
        return None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _epoch(value: object) -> datetime | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return datetime.fromtimestamp(float(cast("float", value)), UTC) if is_number else None
