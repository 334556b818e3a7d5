"""One connection to the mail server, and what each of its answers means for a mail."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from fanfare.model.notification import Reason
from fanfare.partners.addresses import AddressPolicy, is_loopback_name
from fanfare.partners.mail_codes import bounce_meaning, code_of_status
from fanfare.ports.channels import Accepted, NotSent, Outcome, Refused, Unknown

SMTP_READY = 220
SMTP_OK = 250
SMTP_GO_AHEAD = 354
SMTP_LATER = 400
SMTP_NEVER = 500
CONNECT_SECONDS = 5.0
MAILS_MAX = 100
"""Mails over one connection; many servers close after about as many."""

IsOpen = Callable[[], bool]
"""Whether a mail may leave now."""

_STATUS = re.compile(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
HELD = NotSent(counts=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailConfig:
    """One mail server."""

    provider: str
    """Name that rows and reports carry."""
    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    connections: int = 4
    timeout_seconds: float = 15.0
    """For one answer of the server."""
    bounce_domain: str | None = None
    """Domain whose ``bounce+...`` mail we read; the sender's own where it is left out."""
    ca_file: str | None = None
    """Trusted certificates; None takes the machine's."""
    policy: AddressPolicy = field(default_factory=AddressPolicy)

    def __post_init__(self) -> None:
        """Refuse what would give the password away.

        Raises:
            ValueError: a password over an open connection to another machine.
        """
        if self.username and self.security == "none" and not is_loopback_name(self.host):
            raise ValueError('email.security must be "starttls" or "tls" where a password is used')

    def __repr__(self) -> str:
        """Name the server only: the rest is secret."""
        return f"EmailConfig({self.provider!r}, {self.host!r}, {self.port})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, ready for the wire."""

    return_path: str
    address: str
    message_id: str
    content: bytes
    """With dots stuffed, without the final dot."""


class ConnectionDownError(Exception):
    """The server cannot be spoken to; ``outcome`` is what that means for a mail that waits for it."""

    def __init__(self, why: str, outcome: Outcome) -> None:
        super().__init__(why)
        self.why = why
        self.outcome = outcome


class MailConnection:
    """One SMTP session."""

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self._smtp: _Smtp | None = _Smtp(config)
        self.carried = 0

    def open(self) -> None:
        """Connect, encrypt and log in.

        Raises:
            ConnectionDownError: it could not be opened.
        """
        refusal = self._config.policy.refusal_of_host(self._config.host)
        if refusal:
            raise ConnectionDownError(refusal, HELD)
        try:
            if self._smtp is not None:
                self._smtp.begin()
        except smtplib.SMTPResponseException as error:
            raise ConnectionDownError(f"the mail server answered {error.smtp_code}", _closed_to_us(error)) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise ConnectionDownError(_why(error), NotSent()) from None

    @property
    def is_usable(self) -> bool:
        """Whether another mail may go over it."""
        return self._smtp is not None and self.carried < MAILS_MAX

    def is_alive(self) -> bool:
        """Ask the server whether it still listens."""
        try:
            return self._smtp is not None and self._smtp.noop()[0] == SMTP_OK
        except (smtplib.SMTPException, OSError):
            self.close()
            return False

    def deliver(self, mail: Mail, is_open: IsOpen) -> Outcome:
        """Hand over one mail; the connection closes itself when it can no longer be trusted."""
        if self._smtp is None:
            return NotSent()
        self.carried += 1
        try:
            outcome = _envelope(self._smtp, mail) or _data(self._smtp, mail, is_open)
        except (smtplib.SMTPException, OSError):  # nothing of the mail itself has left
            self.close()
            return NotSent()
        if isinstance(outcome, Unknown):
            self.close()
        elif not isinstance(outcome, Accepted):
            self._start_over()
        return outcome

    def _start_over(self) -> None:
        """Forget the envelope of a mail that was not taken."""
        try:
            if self._smtp and self._smtp.rset()[0] == SMTP_OK:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self.close()

    def cut(self) -> None:
        """Break the connection from another thread: whoever waits on it goes on at once."""
        if self._smtp is not None:
            self._smtp.cut()

    def close(self) -> None:
        """Close without waiting for the server's farewell."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


class _Smtp(smtplib.SMTP):
    """A session whose socket goes to an allowed address only, by TLS from the first byte where that is asked for."""

    def __init__(self, config: EmailConfig) -> None:
        super().__init__(local_hostname=config.bounce_domain or socket.gethostname(), timeout=config.timeout_seconds)
        self._config = config
        self._host = config.host  # the name that a certificate must carry
        self._is_cut = False

    def begin(self) -> None:
        """Connect, encrypt and log in as configured."""
        config = self._config
        code, text = self.connect(config.host, config.port)
        if code != SMTP_READY:
            raise smtplib.SMTPConnectError(code, text)
        if config.security == "starttls":
            self.starttls(context=self._context())
        if config.username:
            self.login(config.username, config.password)
        self.ehlo_or_helo_if_needed()

    def cut(self) -> None:
        """Break the connection from another thread."""
        self._is_cut = True
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._config.ca_file)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = self._connected(host, port)
        sock.settimeout(timeout)
        if self._config.security != "tls":
            return sock
        return self._context().wrap_socket(sock, server_hostname=host)

    def _connected(self, host: str, port: int) -> socket.socket:
        """Connect to the first address that is allowed and answers."""
        policy = AddressPolicy(live=self._config.policy.live, allow_private=True)  # a mail server is often in the house
        last = OSError("no address")
        for family, kind, protocol, _, target in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, protocol)
            try:
                _refuse(policy.refusal_of_address(str(target[0])) or ("too late" if self._is_cut else None))
                sock.settimeout(min(CONNECT_SECONDS, self._config.timeout_seconds))
                sock.connect(target)
            except OSError as error:
                sock.close()
                last = error
            else:
                return sock
        raise last


def _refuse(why: str | None) -> None:
    if why:
        raise OSError(why)


def _envelope(smtp: smtplib.SMTP, mail: Mail) -> Outcome | None:
    """Name sender and recipient; return an outcome where either is turned away."""
    code, text = smtp.mail(mail.return_path)
    if code != SMTP_OK:
        return _turned_away(code, Refused(Reason.SENDER_PROBLEM, code=_code(code, text), alert=True))
    code, text = smtp.rcpt(mail.address)
    if code // 10 != SMTP_OK // 10:  # 251: will forward
        return _turned_away(code, Refused(_reason(text), code=_code(code, text)))
    return None


def _data(smtp: smtplib.SMTP, mail: Mail, is_open: IsOpen) -> Outcome:
    if not is_open():
        return HELD
    smtp.putcmd("data")
    code, text = smtp.getreply()
    if code != SMTP_GO_AHEAD:
        return _turned_away(code, Refused(Reason.REJECTED, code=_code(code, text)))
    try:
        smtp.send(mail.content + b".\r\n")
        code, text = smtp.getreply()
    except (smtplib.SMTPException, OSError):
        return Unknown("the connection broke before the answer")
    if code // 100 == SMTP_OK // 100:
        return Accepted(mail.message_id)
    if code < SMTP_LATER:
        return Unknown("the answer was unreadable")
    return _turned_away(code, Refused(Reason.REJECTED, code=_code(code, text)))


def _turned_away(code: int, refused: Refused) -> Outcome:
    """Return the refusal for good, or NotSent where the server says *later* (4xx) or nonsense before taking a mail."""
    return refused if code >= SMTP_NEVER else NotSent(code=code if code > 0 else None)


def _closed_to_us(error: smtplib.SMTPResponseException) -> Outcome:
    code = error.smtp_code
    return _turned_away(code, Refused(Reason.SENDER_PROBLEM, code=code, alert=True))


def _reason(text: bytes) -> Reason:
    """Return why a recipient is turned away: by its enhanced status where there is one, else the address is wrong."""
    found = _STATUS.match(text)
    meaning = bounce_meaning(code_of_status(found[0].decode())) if found else None
    return Reason.INVALID_ADDRESS if meaning is None else meaning.reason


def _code(code: int, text: bytes) -> int:
    found = _STATUS.match(text)
    return (code_of_status(found[0].decode()) if found else None) or code


def _why(error: Exception) -> str:
    """Return what went wrong in words that hold no address of a fan: smtplib quotes recipients in some errors."""
    if isinstance(error, OSError) and error.strerror is None and error.args:
        return str(error.args[0])
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
