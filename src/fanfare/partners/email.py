"""Email out, by SMTP. SMTP confirms nothing after it took a mail; what comes back are bounces.

Most of a mail's time is waiting for the server, so a batch goes over a few connections, each in a thread of its own.
The caller's permission is asked in the caller's thread only: it may hold a connection to the store.
"""

import logging
import re
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from fanfare import telemetry
from fanfare.model.message import EmailMessage
from fanfare.model.notification import Reason
from fanfare.partners.mail_connection import HELD, ConnectionDownError, EmailConfig, Mail, MailConnection
from fanfare.partners.mail_mime import MailForm, MailFrom, form_of
from fanfare.ports.channels import EmailBatch, MaySend, Outcome, Refused, Unknown
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Fault
from fanfare.telemetry import Fact

__all__ = ["EmailConfig", "SmtpEmail"]

ASK_SECONDS = 0.01
AFTER_DEADLINE_SECONDS = 20.0
"""What a server may take for a mail that left in time; then its connection is broken (PERF-003: 30 s in all)."""
MAILS_PER_CONNECTION_MIN = 8
"""A further connection is opened for at least this many mails."""

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253})")
TOKEN = re.compile(r"[A-Za-z0-9._=-]{1,57}")  # with "bounce+" within the 64 characters of a local part
URL = re.compile(r"(?:https?://[!-;=?-~]+)?")  # no blank, no control character, no < or >

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    place: int
    mail: Mail


class SmtpEmail:
    """The email channel of one mail server."""

    def __init__(self, config: EmailConfig, *, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._threads = ThreadPoolExecutor(config.connections, thread_name_prefix="mail")
        self._lanes = [_Lane(config) for _ in range(config.connections)]

    @property
    def provider(self) -> str:
        """As the port says."""
        return self._config.provider

    def send(self, batch: EmailBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        """As the port says."""
        outcomes: list[Outcome | None] = [None] * len(batch.addresses)
        jobs = deque(self._jobs(batch, outcomes))
        gate = _Gate(self._clock, batch.deadline_monotonic, may_send)
        if not ADDRESS.fullmatch(batch.sender_address):
            return (Refused(Reason.SENDER_PROBLEM, alert=True),) * len(outcomes)
        if jobs and gate.ask():
            self._run(jobs, outcomes, gate)
        return tuple(outcome or HELD for outcome in outcomes)

    def close(self) -> None:
        """Close idle connections and end the threads."""
        self._threads.shutdown()
        for lane in self._lanes:
            lane.close()

    def _run(self, jobs: "deque[_Job]", outcomes: list[Outcome | None], gate: "_Gate") -> None:
        count = min(len(self._lanes), len(jobs) // MAILS_PER_CONNECTION_MIN + 1)
        lanes = self._lanes[:count]
        running = [self._threads.submit(lane.run, jobs, outcomes, gate) for lane in lanes]
        try:
            while wait(running, timeout=ASK_SECONDS).not_done:
                gate.ask()
                if gate.is_overdue():
                    _cut(lanes)
        except BaseException:
            gate.close()
            _cut(lanes)
            raise
        for future in running:
            future.result()  # a defect in a thread is not swallowed
        self._tell_trouble(lanes, jobs, outcomes)

    def _tell_trouble(self, lanes: "list[_Lane]", jobs: "deque[_Job]", outcomes: list[Outcome | None]) -> None:
        """Settle what no connection took, and log why."""
        down = [lane.down for lane in lanes if lane.down]
        while jobs:
            outcomes[jobs.popleft().place] = down[0].outcome if down else HELD
        whys = Counter(each.why for each in down)
        whys.update(outcome.why for outcome in outcomes if isinstance(outcome, Unknown))
        if whys:
            told = {"provider": self.provider, "whys": dict(whys)}
            telemetry.log(logger, Fact.MAIL_SERVER_TROUBLED, logging.WARNING, **told)

    def _jobs(self, batch: EmailBatch, outcomes: list[Outcome | None]) -> list[_Job]:
        """Return the mails that can be written; the others are refused in place."""
        forms: dict[int, MailForm] = {}
        domain = self._config.bounce_domain or batch.sender_address.rpartition("@")[2]
        jobs: list[_Job] = []
        columns = zip(batch.addresses, batch.messages, batch.tokens, batch.unsubscribe_urls, strict=True)
        for place, (address, message, token, url) in enumerate(columns):
            refused = _refusal(address, message, token, url)
            if refused:
                outcomes[place] = refused
                continue
            form = forms.get(id(message))  # alive as long as the batch, so its id is its own
            if form is None:
                form = forms[id(message)] = form_of(message, self._sender(batch), self._clock.now())
            message_id = f"{token}@{domain}"
            mail = Mail(
                return_path=f"bounce+{token}@{domain}",
                address=address,
                message_id=message_id,
                content=form.fill(address=address, message_id=message_id, token=token, unsubscribe_url=url),
            )
            jobs.append(_Job(place, mail))
        return jobs

    def _sender(self, batch: EmailBatch) -> MailFrom:
        """Return who the mails are from. Mail to leave is taken only where somebody reads it: with the bounces."""
        domain = self._config.bounce_domain
        unsubscribe = f"bounce+{{token}}@{domain}" if domain else None
        return MailFrom(name=batch.sender_name, address=batch.sender_address, unsubscribe_address=unsubscribe)


def _refusal(address: str, message: EmailMessage, token: str, url: str) -> Refused | None:
    """Return why a mail is never written: whatever could break out of its line in the header."""
    if not ADDRESS.fullmatch(address):
        return Refused(Reason.INVALID_ADDRESS)
    if not (message.subject.isprintable() and TOKEN.fullmatch(token) and URL.fullmatch(url)):
        return Refused(Reason.REJECTED, alert=True)
    return None


def _cut(lanes: "list[_Lane]") -> None:
    for lane in lanes:
        lane.cut()


class _Gate:
    """Whether mails may leave. Asked in the caller's thread, read in all."""

    def __init__(self, clock: Clock, deadline: float, may_send: MaySend) -> None:
        self._clock = clock
        self._deadline = deadline
        self._may_send = may_send
        self._allowed = False

    def ask(self) -> bool:
        """Ask the caller again."""
        try:
            self._allowed = self._may_send()
        except Fault:
            self._allowed = False  # who cannot be asked has not said yes
        return self.is_open()

    def close(self) -> None:
        """Let nothing out any more."""
        self._allowed = False

    def is_open(self) -> bool:
        """Whether a mail may leave now."""
        return self._allowed and self._clock.monotonic_seconds() < self._deadline

    def is_overdue(self) -> bool:
        """Whether even mails that left in time have had their time."""
        return self._clock.monotonic_seconds() >= self._deadline + AFTER_DEADLINE_SECONDS


class _Lane:
    """One connection, kept over batches, and the thread's work on it."""

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self._connection: MailConnection | None = None
        self.down: ConnectionDownError | None = None

    def run(self, jobs: "deque[_Job]", outcomes: list[Outcome | None], gate: _Gate) -> None:
        """Deliver waiting mails until none is left, nothing may leave, or the server is down."""
        self.down = None
        if self._connection and not self._connection.is_alive():
            self._connection = None
        while gate.is_open() and jobs:
            try:
                connection = self._open()
            except ConnectionDownError as down:
                self.close()
                self.down = down
                return
            try:
                job = jobs.popleft()
            except IndexError:
                return  # another lane was quicker
            outcomes[job.place] = connection.deliver(job.mail, gate.is_open)

    def _open(self) -> MailConnection:
        connection = self._connection
        if connection is None or not connection.is_usable:
            self.close()
            connection = self._connection = MailConnection(self._config)  # at once, so that it can be cut
            connection.open()
        return connection

    def cut(self) -> None:
        if self._connection:
            self._connection.cut()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None
