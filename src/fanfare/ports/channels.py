"""Who carries messages: one port for every contact method.

A channel never raises once an intent is recorded. It answers for each item what is known:

- ``Accepted``: the provider took it and named it.
- ``Refused``: it said no for good.
- ``NotSent``: certainly not taken (no request byte left, 429, or a code listed as *try later*).
- ``Unknown``: bytes left and no complete answer came back. It may be on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fanfare.model.ids import NotificationId
from fanfare.model.message import EmailMessage
from fanfare.model.notification import Reason
from fanfare.model.report import Report

MaySend = Callable[[], bool]
"""Asked right before each request leaves; no after its batch's deadline, or when sending is paused."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take it."""

    reason: Reason
    code: int | None = None
    opted_out: bool = False
    """The provider says that the recipient opted out: recorded on our side too."""
    alert: bool = False
    """The sender or the account is at fault, not the recipient: stop and tell an operator."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not taken; may be tried again."""

    retry_after_seconds: float | None = None
    code: int | None = None
    counts: bool = True
    """False when no attempt was made at all (paused, past its deadline)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """May have been taken."""

    why: str


Outcome = Accepted | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsBatch:
    """Texts for one sender, as columns of equal length."""

    sender_address: str
    addresses: Sequence[str]
    """E.164."""
    bodies: Sequence[str]
    tokens: Sequence[str]
    """Callback tokens."""
    valid_seconds: Sequence[int]
    """How long the text is of use; the provider drops it afterwards."""
    deadline_monotonic: float
    """On the clock's series; no request leaves at or after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailBatch:
    """Emails for one sender, as columns of equal length."""

    sender_address: str
    sender_name: str
    addresses: Sequence[str]
    messages: Sequence[EmailMessage]
    tokens: Sequence[str]
    """Make the return path, so that a bounce names its attempt."""
    unsubscribe_urls: Sequence[str]
    deadline_monotonic: float


class SmsChannel(Protocol):
    """An SMS service."""

    @property
    def provider(self) -> str:
        """Name of the provider, as rows and reports carry it."""
        ...

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        """Send each at most once; return an outcome for each, in order. Ends within 30 s (PERF-003)."""
        ...

    def look_up(self, queries: Sequence["LookUp"]) -> tuple["Found | NotFound | LookUpFailed", ...]:
        """Ask the provider whether attempts of unknown outcome were taken."""
        ...


class EmailChannel(Protocol):
    """A mail server. SMTP has no look-up and no delivery report; only bounces come back."""

    @property
    def provider(self) -> str:
        """Name of the provider, as rows and reports carry it."""
        ...

    def send(self, batch: EmailBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        """Send each at most once; return an outcome for each, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """One attempt of unknown outcome."""

    notification_id: NotificationId
    address: str
    token: str
    text_hash: str
    queued_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The provider has it."""

    provider_id: str
    report: Report | None
    """Its status, where it is already final."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider does not list it."""


@dataclass(frozen=True, slots=True)
class LookUpFailed:
    """The provider could not be asked."""
