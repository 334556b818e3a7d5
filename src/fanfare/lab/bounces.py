"""Delivery status notifications (RFC 3464), laid into the maildir where the sender looks for them."""

from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

_REASON = "550 5.1.1 The mailbox does not exist"


def compose(address: str, sender: str, mail: EmailMessage) -> EmailMessage:
    """Return the notification that a mail to an address came back: text, status, and the mail's own headers."""
    notice = EmailMessage(policy=SMTP)
    notice["Return-Path"] = "<>"
    notice["From"] = "Mail Delivery System <mailer-daemon@lab.example.test>"
    notice["To"] = sender
    notice["Subject"] = "Undelivered Mail Returned to Sender"
    notice["Auto-Submitted"] = "auto-replied"
    notice["MIME-Version"] = "1.0"
    notice["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="lab-report"'
    notice.set_payload(
        "\r\n".join(
            (
                *_part("text/plain", f"Your mail could not be delivered: {_REASON}"),
                *_part("message/delivery-status", _status(address)),
                *_part("text/rfc822-headers", _headers(mail)),
                "--lab-report--",
                "",
            )
        )
    )
    return notice


def drop(maildir: Path, name: str, notice: bytes) -> None:
    """Put a notification into `new/`; it appears there only whole."""
    for folder in ("tmp", "new", "cur"):
        (maildir / folder).mkdir(parents=True, exist_ok=True)
    (maildir / "tmp" / name).write_bytes(notice)
    (maildir / "tmp" / name).replace(maildir / "new" / f"{name}.lab")


def _part(content_type: str, text: str) -> tuple[str, ...]:
    return ("--lab-report", f"Content-Type: {content_type}; charset=utf-8", "", text)


def _status(address: str) -> str:
    return "\r\n".join(
        (
            "Reporting-MTA: dns; lab.example.test",
            "",
            f"Final-Recipient: rfc822; {address}",
            "Action: failed",
            "Status: 5.1.1",
            f"Diagnostic-Code: smtp; {_REASON}",
            "",
        )
    )


def _headers(mail: EmailMessage) -> str:
    """Return the mail's own headers as they were on the wire: ASCII, other signs in encoded words (RFC 2047)."""
    return "\r\n".join(f"{name}: {_wire(str(value))}" for name, value in mail.items())


def _wire(value: str) -> str:
    plain = value.replace("\n", " ").replace("\r", " ")
    return plain if plain.isascii() else Header(plain, "utf-8", maxlinelen=998).encode()
