"""Returned mail: a Maildir that our mail server fills with what comes to the ``bounce+...`` return paths.

A delivery status notification (RFC 3464) of a failure is a report with the status as its code; of a delay, progress. A
complaint (RFC 5965) and a fan's mail to the unsubscribe address carry the codes of ``mail_codes``. Which attempt it is
about, our own token says: out of the Message-ID that the notification returns, whose letters keep their case, else out
of the return path that it was addressed to.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

from fanfare.model.report import Report, ReportStatus
from fanfare.partners.mail_codes import COMPLAINT_CODE, UNSUBSCRIBED_CODE, code_of_status

BYTES_MAX = 1 << 20
REJECTED = ".rejected"
"""Sub-folder for what could not be read, as Maildir++ names it."""

_TOKEN = r"([A-Za-z0-9._=-]{1,57})"  # noqa: S105 - a pattern
_RETURN_PATH = re.compile(rf"\bbounce\+{_TOKEN}@", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<{_TOKEN}@[^<>\s]+>")
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_NOT_JUNK = "not-spam"

UNREADABLE = (MessageError, LookupError, ValueError, ArithmeticError, RecursionError, TypeError, AttributeError)
"""What the library raises for mails that no program of good will writes (found by fuzzing)."""

StatusCode = tuple[ReportStatus, int | None]


class BounceMaildir:
    """The waiting messages of one Maildir."""

    def __init__(self, folder: Path, *, provider: str) -> None:
        self._folder = folder
        self._provider = provider

    def take(self, limit: int) -> tuple[tuple[str, Report | None], ...]:
        """As the port says; what cannot be read is moved to ``.rejected`` at once."""
        waiting = [path for name in ("new", "cur") for path in _files(self._folder / name)][:limit]
        return tuple((f"{path.parent.name}/{path.name}", self._report(path)) for path in waiting)

    def done(self, names: Sequence[str]) -> None:
        """As the port says."""
        for name in names:
            folder, _, file = name.partition("/")
            if folder in {"new", "cur"} and file == Path(file).name:
                (self._folder / folder / file).unlink(missing_ok=True)

    def _report(self, path: Path) -> Report | None:
        try:
            report = self._read_report(path)
        except UNREADABLE:  # whoever knows the address may write to it; nobody's mail waits behind theirs
            report = None
        if report is None:
            self._reject(path)
        return report

    def _read_report(self, path: Path) -> Report | None:
        message, received_at = _read(path)
        found = _status(message) if message else None
        token = _token(message) if message else None
        if message is None or found is None or token is None:
            return None
        status, code = found
        return Report(
            provider=self._provider,
            provider_id=None,
            token=token,
            status=status,
            code=code,
            at=_sent_at(message) or received_at,
        )

    def _reject(self, path: Path) -> None:
        folder = self._folder / REJECTED / "cur"
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.replace(folder / path.name)


def _files(folder: Path) -> list[Path]:
    """Return the messages of a folder, by name: a Maildir's names begin with the second of their arrival."""
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _read(path: Path) -> tuple[EmailMessage | None, datetime]:
    """Return a message and when it arrived; None when it is gone or too large to be a notification."""
    try:
        status = path.stat()
        arrived_at = datetime.fromtimestamp(status.st_mtime, UTC)
        content = path.read_bytes() if status.st_size <= BYTES_MAX else b""
    except OSError:
        return None, datetime.fromtimestamp(0, UTC)
    message = message_from_bytes(content, policy=policy.compat32.clone(message_factory=EmailMessage))
    return (cast("EmailMessage", message) if content else None), arrived_at


def _status(message: EmailMessage) -> StatusCode | None:
    """Return what a message says about a mail of ours; None when it says nothing."""
    for part in _parts(message):
        match part.get_content_type():
            case "message/delivery-status":
                return _delivery_status(part)
            case "message/feedback-report":
                return _feedback(part)
            case _:
                continue
    is_leaving = _header(message, "Subject").strip().lower() == "unsubscribe"
    return (ReportStatus.UNDELIVERED, UNSUBSCRIBED_CODE) if is_leaving else None


def _delivery_status(part: EmailMessage) -> StatusCode | None:
    """Return the first recipient's fate; our mails have one recipient each."""
    fields = _fields(part)
    action = fields.get("action", "").lower()
    code = code_of_status(fields.get("status", "").partition(" ")[0].strip())
    if action == "failed" or (not action and code is not None and code >= 500):  # noqa: PLR2004 - 5.x.x
        return ReportStatus.UNDELIVERED, code
    return (ReportStatus.PROGRESS, code) if action else None


def _feedback(part: EmailMessage) -> StatusCode:
    kind = _fields(part).get("feedback-type", "").lower()
    return (ReportStatus.PROGRESS, None) if kind == _NOT_JUNK else (ReportStatus.UNDELIVERED, COMPLAINT_CODE)


def _fields(part: EmailMessage) -> dict[str, str]:
    """Return the fields of a machine-readable part, by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"(?m)^([A-Za-z-]+):[ \t]*(.*)$", _text(part)):
        found.setdefault(name.lower(), value.strip())
    return found


def _token(message: EmailMessage) -> str | None:
    """Return our name of the attempt: out of the returned mail's own headers, else out of the return path."""
    for part in _parts(message):
        if part.get_content_type() in {"text/rfc822-headers", "message/rfc822"}:
            found = _MESSAGE_ID.search(_message_id_line(_text(part)))
            if found:
                return found[1]
    addressed = " ".join(value for name in _ADDRESSED for value in _all(message, name))
    found = _RETURN_PATH.search(addressed)
    return found[1] if found else None


def _message_id_line(text: str) -> str:
    found = re.search(r"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(.*)$", text)
    return found[1] if found else ""


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    return cast("Iterator[EmailMessage]", message.walk())


def _text(part: EmailMessage) -> str:
    """Return a part with everything below it as text; what is no text in it is replaced."""
    if part.is_multipart():
        # As bytes: to write it as text, the library would first look up the charset that a stranger named.
        return "\n".join(child.as_bytes().decode("utf-8", "replace") for child in _children(part))
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _children(part: EmailMessage) -> list[EmailMessage]:
    return cast("list[EmailMessage]", part.get_payload())


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))


def _all(message: EmailMessage, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
