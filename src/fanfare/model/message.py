"""A message: the words that go out, rendered and measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage:
    """A text, already folded to GSM-7."""

    body: str
    segments: int
    text_hash: str
    """First 16 hex digits of the SHA-256 of the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailMessage:
    """An email before the fan's own links are put in.

    ``text`` and ``html`` hold the marker ``UNSUBSCRIBE_MARK`` where the fan's unsubscribe link belongs.
    """

    subject: str
    text: str
    html: str
    text_hash: str


UNSUBSCRIBE_MARK = "https://unsubscribe.invalid/"
"""Replaced by the fan's own link just before sending; ``.invalid`` never resolves (RFC 2606)."""
