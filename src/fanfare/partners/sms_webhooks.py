"""What the SMS provider posts to our web door: its signature, delivery reports and inbound texts.

Pure functions over the decoded form; the door supplies the instant and the callback token of its own address.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from fanfare.model.report import InboundText, Report
from fanfare.partners.sms_codes import report_status

Params = Sequence[tuple[str, str]]
"""All parameters of a form, decoded, in any order, repeats included."""

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Malformed:
    """A signed form that says nothing we can use."""

    reason: str


def signature(token: str, url: str, params: Params) -> str:
    """Return the ``X-Twilio-Signature`` of a form posted to a URL.

    It is the base64 of the HMAC-SHA1 of the URL and, sorted by name, each name and value; a repeated name gives each
    distinct value once, sorted (the provider's own validation library).
    """
    signed = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.digest(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(digest).decode("ascii")


def is_signed(tokens: Iterable[str], urls: Iterable[str], params: Params, header: str | None) -> bool:
    """Whether the header is the signature under one of our secrets and one of the forms of our own address.

    No secret means no: an unconfigured door stays shut. Every combination is compared, in constant time.
    """
    if not header:
        return False
    given = header.encode("utf-8", "surrogatepass")
    candidates = tuple(urls)
    expected = [signature(token, url, params).encode() for token in tokens if token for url in candidates]
    matches = [hmac.compare_digest(given, each) for each in expected]
    return any(matches)


def url_variants(url: str) -> tuple[str, ...]:
    """Return a public address with and without its port: the provider signs either, by no fixed rule."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = DEFAULT_PORTS.get(parts.scheme) if parts.port is None else None
    other = f"{host}:{port}" if port else host
    return (url, urlunsplit(parts._replace(netloc=other)))


def status_report(params: Params, *, provider: str, token: str | None, at: datetime) -> Report | Malformed:
    """Return the delivery report in a status callback. ``token`` is the ``n`` of the callback's own address."""
    form = dict(params)
    provider_id = form.get("MessageSid") or form.get("SmsSid")
    word = form.get("MessageStatus") or form.get("SmsStatus")
    if not provider_id:
        return Malformed("MessageSid is missing")
    if not word:
        return Malformed("MessageStatus is missing")
    return Report(
        provider=provider,
        provider_id=provider_id,
        token=token or None,
        status=report_status(word),
        code=_whole_number(form, "ErrorCode"),
        at=at,
    )


def inbound_text(params: Params, *, at: datetime) -> InboundText | Malformed:
    """Return the text of a fan in an inbound message webhook."""
    form = dict(params)
    missing = [name for name in ("MessageSid", "From", "To") if not form.get(name)]
    if missing:
        return Malformed(f"{', '.join(missing)} missing")
    return InboundText(
        provider_id=form["MessageSid"],
        from_address=form["From"],
        to_address=form["To"],
        body=form.get("Body", ""),
        at=at,
        provider_replied=bool(form.get("OptOutType")),
    )


def _whole_number(form: Mapping[str, str], name: str) -> int | None:
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - a code is short
