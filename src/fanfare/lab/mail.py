"""The mail server: takes mail into the ledger, and turns some of it away, late, or back."""

import asyncio
import logging
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from hashlib import sha256
from typing import cast
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from fanfare.lab import bounces, clock
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import LabConfig
from fanfare.lab.dice import Dice
from fanfare.lab.faults import MAIL_ADDRESSES, MAIL_DATA, MAIL_RECIPIENTS, Fault
from fanfare.lab.ledger import Entry, Kind, Ledger, Service, address_hash

_BYTES_MAX = 10 * 1024 * 1024
_BOUNCE_SECONDS = 30.0


class Mail:
    """What aiosmtpd asks about each recipient and each mail."""

    def __init__(
        self, config: LabConfig, *, stage_clock: clock.Clock, dice: Dice, ledger: Ledger, attempts: Attempts
    ) -> None:
        self._maildir = config.bounce_maildir
        self._clock = stage_clock
        self._dice = dice
        self._ledger = ledger
        self._attempts = attempts
        self._calls = Attempts()
        self._connections: WeakSet[SMTP] = WeakSet()
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it would write addresses

    def protocol(self) -> SMTP:
        """Return the protocol of one connection."""
        connection = SMTP(
            self,
            loop=asyncio.get_running_loop(),
            hostname="lab.example.test",
            ident="lab",
            data_size_limit=_BYTES_MAX,
            enable_SMTPUTF8=True,
        )
        self._connections.add(connection)
        return connection

    def hang_up(self) -> None:
        """Abort every connection; clients keep theirs for the next mail, and a loop cannot close before them."""
        for connection in self._connections:
            if connection.transport is not None:
                cast("asyncio.Transport", connection.transport).abort()

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take a recipient, or not, or not now (aiosmtpd calls this)."""
        del server, session, rcpt_options
        if self._dice.partner(MAIL_ADDRESSES, address) is Fault.MAIL_REJECT:
            return "550 5.1.1 Mailbox unknown"
        nth = self._calls.next("recipient", address)
        if self._dice.partner(MAIL_RECIPIENTS, address, nth) is Fault.MAIL_DEFER:
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's
        """Take a mail, for each recipient; say so once it is on disk (aiosmtpd calls this)."""
        del session
        mail = message_from_bytes(cast("bytes", envelope.content), policy=default)
        body_sha256 = sha256(words(mail).encode()).hexdigest()
        for address in envelope.rcpt_tos:
            self._take(address, body_sha256, envelope.mail_from or "", mail)
        await self._durable()
        if any(self._is_dropped(address) for address in envelope.rcpt_tos):
            cast("asyncio.Transport", server.transport).abort()
            raise ConnectionResetError
        return "250 2.0.0 OK"

    def _is_dropped(self, address: str) -> bool:
        return self._dice.partner(MAIL_DATA, address, self._calls.next("data", address)) is Fault.MAIL_DROP

    def _take(self, address: str, body_sha256: str, sender: str, mail: EmailMessage) -> None:
        to_hash = address_hash(address)
        nth = self._attempts.next(to_hash, body_sha256)
        seq = self._ledger.next_seq()
        sid = f"MX{to_hash}{seq:014x}"
        accepted = Entry(
            seq=seq,
            kind=Kind.ACCEPTED,
            at=self._clock.stamp(),
            service=Service.MAIL,
            sid=sid,
            to_hash=to_hash,
            body_sha256=body_sha256,
            nth=nth,
        )
        self._ledger.append(accepted)
        if self._dice.partner(MAIL_ADDRESSES, address) is Fault.MAIL_BOUNCE:
            notice = partial(bounces.compose, address, sender, mail)
            self._clock.after(_BOUNCE_SECONDS, lambda: self._bounce(sid, notice().as_bytes()))

    def _bounce(self, sid: str, notice: bytes) -> None:
        entry = Entry(
            seq=self._ledger.next_seq(),
            kind=Kind.REPORT,
            at=self._clock.stamp(),
            service=Service.MAIL,
            sid=sid,
            status="bounced",
        )
        self._ledger.append(entry)
        if self._maildir is not None:
            self._ledger.after_durable(partial(bounces.drop, self._maildir, sid, notice))

    async def _durable(self) -> None:
        written = asyncio.get_running_loop().create_future()
        self._ledger.after_durable(lambda: written.set_result(None))
        await written


def words(mail: EmailMessage) -> str:
    """Return what a fan reads: subject and plain text; ids, dates and boundaries are not among it."""
    part = mail.get_body(("plain",)) or mail.get_body(("html",))
    text = "" if part is None else str(part.get_content())
    return f"{mail.get('Subject', '')}\n{text}".replace("\r\n", "\n").strip()
