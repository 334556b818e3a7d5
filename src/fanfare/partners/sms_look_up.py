"""Asking the SMS provider whether it has a message of ours whose outcome is unknown."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from fanfare.model.report import Report, ReportStatus
from fanfare.partners.http import Request, Response, Result
from fanfare.partners.sms_codes import CODES_END, report_status
from fanfare.ports.channels import Found, LookUp, LookUpFailed, NotFound

PAGE_SIZE = 200
SKEW_SECONDS = 120.0
"""How far the provider's clock may be behind ours. Wide, because missing a message means sending it twice, while
meeting an earlier attempt with the same words means only that one more report settles the row."""


class _Listed(msgspec.Struct, kw_only=True):
    sid: str
    body: str | None = None
    status: str = ""
    error_code: int | None = None
    date_created: str | None = None
    date_updated: str | None = None
    status_callback: str | None = None


class _Page(msgspec.Struct, kw_only=True):
    messages: list[_Listed]
    next_page_uri: str | None = None


_decode = msgspec.json.Decoder(_Page).decode


def look_up_request(query: LookUp, messages_url: str, headers: tuple[str, ...]) -> Request:
    """Return the request that lists what went to an address since the day of the attempt."""
    day = (_queued_at(query) - timedelta(seconds=SKEW_SECONDS)).date().isoformat()
    url = f"{messages_url}?To={quote(query.address, safe='')}&DateSent%3E={day}&PageSize={PAGE_SIZE}"
    return Request("GET", url, headers)


def read_look_up(result: Result, query: LookUp, provider: str, now: datetime) -> Found | NotFound | LookUpFailed:
    """Return whether the listing holds the attempt. A listing that is not complete cannot say *not found*."""
    if not isinstance(result, Response) or result.status != 200:  # noqa: PLR2004 - HTTP's OK
        return LookUpFailed()
    try:
        page = _decode(result.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return LookUpFailed()
    listed = _newest([message for message in page.messages if _is_ours(message, query)], now)
    if listed is None:
        return LookUpFailed() if page.next_page_uri else NotFound()
    return Found(provider_id=listed.sid, report=_final_report(listed, query, provider, now))


def _is_ours(message: _Listed, query: LookUp) -> bool:
    tokens = _tokens(message.status_callback) if message.status_callback else None
    if tokens is not None:
        return query.token in tokens
    body = message.body or ""
    if hashlib.sha256(body.encode()).hexdigest()[:16] != query.text_hash:
        return False
    created_at = _instant(message.date_created)
    return created_at is None or created_at >= _queued_at(query) - timedelta(seconds=SKEW_SECONDS)


def _tokens(callback: str) -> Sequence[str] | None:
    """Return the tokens in a callback's address; None where it is no address, so that the words decide."""
    try:
        return parse_qs(urlsplit(callback).query).get("n", ())
    except ValueError:
        return None


def _newest(messages: Sequence[_Listed], now: datetime) -> _Listed | None:
    return max(messages, key=lambda message: _instant(message.date_created) or now, default=None)


def _final_report(message: _Listed, query: LookUp, provider: str, now: datetime) -> Report | None:
    status = report_status(message.status)
    if status is ReportStatus.PROGRESS:
        return None
    return Report(
        provider=provider,
        provider_id=message.sid,
        token=query.token,
        status=status,
        code=_code(message.error_code),
        at=_instant(message.date_updated) or now,
    )


def _queued_at(query: LookUp) -> datetime:
    return datetime.fromtimestamp(query.queued_ms / 1000, UTC)


def _instant(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC) if at else None


def _code(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < CODES_END else None
