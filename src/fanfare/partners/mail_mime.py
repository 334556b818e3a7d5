"""The text of a mail, built once for everybody who gets the same words.

What differs from fan to fan (address, ids, unsubscribe link) is put between ready encoded pieces: building a message
object per fan costs fifty times as much.
"""

import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from html import escape

from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage

BOUNDARY = "=_fanfare"  # quoted-printable text cannot hold "=_" (RFC 2045 section 6.7)
LINE_MAX = 70  # of the 76 characters that quoted-printable allows in a line

_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFrom:
    """Who a mail is from, and where fans write to leave."""

    name: str
    address: str
    unsubscribe_address: str | None = None
    """``bounce+{token}@...`` where somebody reads it; None leaves the mail address out of List-Unsubscribe."""


@dataclass(frozen=True, slots=True)
class MailForm:
    """One mail with gaps for what belongs to the fan."""

    head: bytes
    text: tuple[bytes, ...]
    html: tuple[bytes, ...]
    unsubscribe_address: str | None

    def fill(self, *, address: str, message_id: str, token: str, unsubscribe_url: str) -> bytes:
        """Return the mail for one fan, dots stuffed, ready to follow DATA, without the final dot.

        ``address``, ``message_id`` and ``token`` are plain ASCII without control characters; the caller checks.
        """
        head = f"To: {address}\r\nMessage-ID: <{message_id}>\r\n{self._leaving(token, unsubscribe_url)}"
        return b"".join(
            (
                head.encode("ascii"),
                self.head,
                encoded(unsubscribe_url).join(self.text),
                _between("text/html"),
                encoded(escape(unsubscribe_url)).join(self.html),
                f"\r\n--{BOUNDARY}--\r\n".encode(),
            )
        )

    def _leaving(self, token: str, url: str) -> str:
        """Return the headers by which mail programs offer to unsubscribe (RFC 2369, RFC 8058)."""
        if not url:
            return ""
        mail = self.unsubscribe_address
        other = f", <mailto:{mail.format(token=token)}?subject=unsubscribe>" if mail else ""
        return f"List-Unsubscribe: <{url}>{other}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def form_of(message: EmailMessage, sender: MailFrom, sent_at: datetime) -> MailForm:
    """Return a message ready to be filled for each of its fans."""
    subject = " ".join(message.subject.split())  # a line break would end the header
    headers = (
        ("From", formataddr((sender.name, sender.address), "utf-8")),
        ("Subject", Header(subject, "us-ascii" if subject.isascii() else "utf-8").encode()),
        ("Date", format_datetime(sent_at)),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"'),
    )
    head = "".join(f"{name}: {_folded(value)}\r\n" for name, value in headers).encode("ascii")
    return MailForm(
        head=head + _between("text/plain"),
        text=_pieces(message.text),
        html=_pieces(message.html),
        unsubscribe_address=sender.unsubscribe_address,
    )


def encoded(url: str) -> bytes:
    """Return an address in quoted-printable, on lines of its own between soft line breaks."""
    text = url.replace("=", "=3D")
    lines = [text[start : start + LINE_MAX] for start in range(0, len(text), LINE_MAX)]
    return b"=\r\n" + "".join(f"{line}=\r\n" for line in _unbroken(lines)).encode("ascii")


def _unbroken(lines: Iterable[str]) -> Iterable[str]:
    """Keep the three characters of ``=3D`` on one line."""
    carried = ""
    for line in lines:
        whole = carried + line
        cut = next((n for n in (1, 2) if whole[-n:].startswith("=")), 0)
        carried = whole[len(whole) - cut :] if cut else ""
        yield whole[: len(whole) - cut]
    if carried:
        yield carried


def _between(content_type: str) -> bytes:
    head = f"Content-Type: {content_type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    return f"\r\n--{BOUNDARY}\r\n{head}\r\n\r\n".encode()


def _pieces(text: str) -> tuple[bytes, ...]:
    """Return the text around each place where the fan's link belongs, encoded, with dots stuffed."""
    return tuple(_piece(piece) for piece in text.split(UNSUBSCRIBE_MARK))


def _piece(text: str) -> bytes:
    lines = "\n".join(text.splitlines()) + ("\n" if text.endswith("\n") else "")
    quoted = quopri.encodestring(lines.encode("utf-8", "replace"))
    return _DOT.sub(b"..", quoted.replace(b"\n", b"\r\n"))


def _folded(value: str) -> str:
    """Return a header value with its lines folded for the wire."""
    return "\r\n ".join(line.strip() for line in value.splitlines())
