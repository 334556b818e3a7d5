"""SMS out: a provider that speaks Twilio's Messages API.

The create call has no idempotency key. So what was not certainly refused or certainly never left is *unknown*, and is
settled by a report that echoes our token, or by looking it up.
"""

import base64
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, quote_plus

import msgspec

from fanfare import telemetry
from fanfare.partners.http import Http, Lost, NotLeft, Request, Response, Result
from fanfare.partners.sms_codes import CODES_END, RETRYABLE_ANSWERS, answer_meaning
from fanfare.partners.sms_look_up import look_up_request, read_look_up
from fanfare.ports.channels import (
    Accepted,
    Found,
    LookUp,
    LookUpFailed,
    MaySend,
    NotFound,
    NotSent,
    Outcome,
    Refused,
    SmsBatch,
    Unknown,
)
from fanfare.ports.clock import Clock
from fanfare.telemetry import Fact

VALID_SECONDS_MAX = 36_000  # the provider's ceiling for ValidityPeriod
SID = re.compile(r"(?:SM|MM)[0-9A-Za-z]{8,62}")
PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsConfig:
    """One account with one provider."""

    provider: str
    """Name that rows, reports and callback addresses carry."""
    base_url: str
    account_sid: str
    auth_token: str
    callback_base_url: str | None = None
    """Where the provider reaches our web door; None when reports come by stream only."""

    def __repr__(self) -> str:
        """Name the provider only: the rest is secret."""
        return f"SmsConfig({self.provider!r})"


class _Created(msgspec.Struct):
    sid: str


class _Error(msgspec.Struct):
    code: Annotated[int, msgspec.Meta(ge=0, lt=CODES_END)] | None = None


_decode_created = msgspec.json.Decoder(_Created).decode
_decode_error = msgspec.json.Decoder(_Error).decode


class TwilioSms:
    """The SMS channel of one account."""

    def __init__(self, config: SmsConfig, *, http: Http, clock: Clock) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._messages_url = f"{config.base_url.rstrip('/')}/2010-04-01/Accounts/{config.account_sid}/Messages.json"
        self._read_headers = (authorization(config.account_sid, config.auth_token),)
        self._send_headers = (*self._read_headers, "Content-Type: application/x-www-form-urlencoded")

    @property
    def provider(self) -> str:
        """As the port says."""
        return self._config.provider

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        """As the port says."""
        requests = [Request("POST", self._messages_url, self._send_headers, form) for form in self._forms(batch)]
        results = self._http.send_all(requests, deadline_monotonic=batch.deadline_monotonic, may_send=may_send)
        self._tell_trouble(results)
        now = self._clock.now()
        return tuple(outcome_of(result, now) for result in results)

    def look_up(self, queries: Sequence[LookUp]) -> tuple[Found | NotFound | LookUpFailed, ...]:
        """As the port says."""
        requests = [look_up_request(query, self._messages_url, self._read_headers) for query in queries]
        results = self._http.send_all(requests)
        self._tell_trouble(results)
        now = self._clock.now()
        return tuple(
            read_look_up(result, query, self.provider, now) for result, query in zip(results, queries, strict=True)
        )

    def _forms(self, batch: SmsBatch) -> list[bytes]:
        """Return each message as a form. Most of it repeats within a batch and is encoded once."""
        sender = "MessagingServiceSid" if batch.sender_address.startswith("MG") else "From"
        tail = f"&{sender}={quote_plus(batch.sender_address)}&Body="
        callback = self._callback()
        bodies: dict[str, str] = {}
        forms: list[bytes] = []
        for address, body, token, seconds in zip(
            batch.addresses, batch.bodies, batch.tokens, batch.valid_seconds, strict=True
        ):
            encoded = bodies.get(body)
            if encoded is None:
                encoded = bodies[body] = tail + quote_plus(body) + "&ValidityPeriod="
            status = callback + _quoted_twice(token) if callback else ""
            valid = min(max(seconds, 1), VALID_SECONDS_MAX)
            forms.append(f"To={_quoted_number(address)}{encoded}{valid}{status}".encode("ascii"))
        return forms

    def _callback(self) -> str:
        base = self._config.callback_base_url
        if base is None:
            return ""
        address = f"{base.rstrip('/')}/hooks/sms/{quote(self.provider, safe='')}/status?n="
        return "&StatusCallback=" + quote(address, safe="")

    def _tell_trouble(self, results: Sequence[Result]) -> None:
        whys = Counter(result.why for result in results if isinstance(result, NotLeft | Lost))
        if whys:
            told = {"provider": self.provider, "whys": dict(whys)}
            telemetry.log(logger, Fact.SMS_REQUESTS_UNANSWERED, logging.WARNING, **told)


def _quoted_number(address: str) -> str:
    """Return an address for a form. A number needs no general quoting, which would cost as much as all the rest."""
    digits = address[1:]
    is_number = address[:1] == "+" and digits.isascii() and digits.isdigit()
    return f"%2B{digits}" if is_number else quote_plus(address)


def _quoted_twice(token: str) -> str:
    """Return a token for the query of an address within a form; ours are base64url, which needs no quoting."""
    return token if PLAIN(token) else quote(quote(token, safe=""), safe="")


def authorization(account_sid: str, auth_token: str) -> str:
    """Return the header line of HTTP Basic authentication."""
    return "Authorization: Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode("ascii")


def outcome_of(result: Result, now: datetime) -> Outcome:
    """Return what the exchange about one message means. When in doubt it is Unknown, never *not sent*."""
    match result:
        case Response(status, _, body) if 200 <= status < 300:  # noqa: PLR2004 - the class of HTTP statuses
            return _created(body)
        case Response(status) if 400 <= status < 500:  # noqa: PLR2004 - as above
            return _denied(result, now)
        case Response(status):
            return Unknown(f"HTTP {status}")
        case NotLeft(_, held):
            return NotSent(counts=not held)
        case Lost(why):
            return Unknown(why)


def _created(body: bytes) -> Outcome:
    try:
        sid = _decode_created(body).sid
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown("the answer was unreadable")
    return Accepted(sid) if SID.fullmatch(sid) else Unknown("the answer named no message")


def _denied(response: Response, now: datetime) -> Outcome:
    code = _code(response.body)
    if response.status == 429 or code in RETRYABLE_ANSWERS:  # noqa: PLR2004 - documented as never processed
        return NotSent(retry_after_seconds=response.retry_after_seconds(now), code=code)
    meaning = answer_meaning(response.status, code)
    return Refused(meaning.reason, code=code, opted_out=meaning.opted_out, alert=meaning.alert)


def _code(body: bytes) -> int | None:
    try:
        return _decode_error(body).code
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
