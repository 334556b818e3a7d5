"""Where notifications are kept, and the only writes that move them.

Hot batches are columns: tuples of equal length, instants as epoch milliseconds. Every method is atomic per row and
never per batch; a caller may repeat any of them. A row is written under its version: the version that an intent
returns is the fence token, and whoever comes later with an older one changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash, FanRef, NotificationId, SaleId, SenderName
from fanfare.model.notification import MessageKind, Notification, Occasion, Reason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotifications:
    """Rows to put if absent: one occasion, one kind, many fans."""

    occasion: Occasion
    kind: MessageKind
    sale_id: SaleId | None
    """None for replies and confirmations."""
    sale_revision: int | None
    send_ms: int
    cut_off_ms: int | None
    late: bool
    fan_refs: Sequence[FanRef]
    contact_ids: Sequence[int]
    channels: Sequence[str]
    brands: Sequence[str]
    senders: Sequence[str | None]
    locales: Sequence[str]
    states: Sequence[State]
    """CREATED, or SUPPRESSED with its reason."""
    reasons: Sequence[Reason | None]
    wake_ms: Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLane:
    """Rows of one sale (or of the replies) that wait for release on one sender."""

    sale_id: SaleId | None
    sender: SenderName
    due: int
    """How many are due, counted up to the bound that was asked for."""


@dataclass(frozen=True, slots=True)
class DueRows:
    """Rows that want attention, as columns."""

    ids: tuple[int, ...]
    versions: tuple[int, ...]
    states: tuple[str, ...]
    kinds: tuple[str, ...]
    sale_ids: tuple[str | None, ...]
    sale_revisions: tuple[int | None, ...]
    attempts: tuple[int, ...]
    channels: tuple[str, ...]
    brands: tuple[str, ...]
    senders: tuple[str, ...]
    locales: tuple[str, ...]
    cut_off_ms: tuple[int | None, ...]
    fan_refs: tuple[FanRef, ...]
    contact_ids: tuple[int, ...]
    address_hashes: tuple[AddressHash, ...]
    sealed: tuple[bytes, ...]
    """The address, sealed under the fan's key."""
    zones: tuple[str | None, ...]
    regions: tuple[str | None, ...]
    phone_zones: tuple[str, ...]
    queued_ms: tuple[int | None, ...]
    queued_monotonic: tuple[float | None, ...]
    queued_series: tuple[str | None, ...]
    provider_ids: tuple[str | None, ...]
    text_hashes: tuple[str | None, ...]
    look_ups: tuple[int, ...]
    """How many look-ups of this attempt came back empty."""
    resents: tuple[bool, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """Attempts about to be made: what is durably recorded before the first call."""

    ids: Sequence[int]
    versions: Sequence[int]
    text_hashes: Sequence[str]
    sale_revisions: Sequence[int | None]
    """The revision that the text was rendered from; the row must still carry it."""
    opt_out_binds: Sequence[bool]
    """Whether a recorded opt-out of the address stops this kind of message."""
    queued_ms: int
    queued_monotonic: float
    queued_series: str
    wake_ms: int
    """When a row that nobody settled may be looked at: after the last call of this attempt must have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """Moves of many rows from states they are known to be in."""

    ids: Sequence[int]
    versions: Sequence[int]
    """The version each row must still have."""
    old_states: Sequence[State]
    new_states: Sequence[State]
    reasons: Sequence[Reason | None]
    wake_ms: Sequence[int | None]
    at_ms: int
    provider_ids: Sequence[str | None] | None = None
    """Given where an attempt was accepted; remembered for reports of that attempt."""
    provider_codes: Sequence[int | None] | None = None
    provider: str | None = None
    ended_ms: Sequence[int | None] | None = None
    """The instant that ended the row where another than ``at_ms`` is known (a report's own time)."""
    look_ups: Sequence[int] | None = None
    """The new number of empty look-ups of the attempt; an intent sets it to 0."""
    untried: Sequence[bool] | None = None
    """True where the attempt was never made (paused, past its deadline): it does not count."""
    resents: Sequence[bool] | None = None
    """True where the row goes out again after an unknown outcome."""


@dataclass(frozen=True, slots=True)
class ReportedRows:
    """Rows that reports name, as columns in the order of the references; a None id names no row (yet)."""

    ids: tuple[int | None, ...]
    versions: tuple[int, ...]
    states: tuple[str, ...]
    reasons: tuple[str | None, ...]
    attempts: tuple[int, ...]
    reported_attempts: tuple[int, ...]
    """Which attempt the reference belongs to."""
    cut_off_ms: tuple[int | None, ...]
    address_hashes: tuple[AddressHash | None, ...]
    channels: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many rows stand where."""

    by_state: dict[str, int]
    by_reason: dict[str, int]
    """Reasons of rows, ``none`` for rows without one; sums to the same number."""
    accepted: int
    late: int


class Notifications(Protocol):
    """Identity: (occasion, fan, channel, kind)."""

    def claim(
        self,
        occasion: Occasion,
        kind: MessageKind,
        channels: Sequence[str],
        hashes: Sequence[AddressHash],
        fan_refs: Sequence[FanRef],
    ) -> tuple[FanRef, ...]:
        """Put (occasion, kind, channel, address) -> fan if absent; return who holds each. At most 5,000."""
        ...

    def put(self, rows: NewNotifications, at: datetime) -> int:
        """Put rows whose identity is absent; return how many were new. At most 5,000."""
        ...

    def lanes(self, now: datetime, limit: int) -> tuple[DueLane, ...]:
        """Return the lanes with CREATED rows due, each counted up to ``limit``."""
        ...

    def trigger(
        self, sender: SenderName, sale_id: SaleId | None, *, revision: int | None, now: datetime, limit: int
    ) -> int:
        """Move up to ``limit`` due CREATED rows of a lane and revision to TRIGGERED; return how many."""
        ...

    def triggered(self, sender: SenderName, limit: int) -> int:
        """Return how many rows are TRIGGERED on the sender, counted up to ``limit``."""
        ...

    def to_send(self, sender: SenderName, now: datetime, limit: int) -> DueRows:
        """Return TRIGGERED rows of the sender, oldest first."""
        ...

    def intend(self, intents: Intents) -> tuple[int | None, ...]:
        """Record an attempt for each row: TRIGGERED -> QUEUED, attempts + 1, durable when this returns.

        Returns the fence token (the row's new version) or None where the row was no longer as stated, its sale has
        another revision now, its address has opted out, or its fan is forgotten.
        """
        ...

    def opted_out(self, ids: Sequence[int]) -> frozenset[int]:
        """Return which of the rows have an address with a recorded opt-out that binds them."""
        ...

    def move(self, transitions: Transitions) -> tuple[int, ...]:
        """Move rows that still have the stated version and state; return the ids that moved."""
        ...

    def due(self, states: Sequence[State], now: datetime, limit: int) -> DueRows:
        """Return rows in the states with ``wake_at <= now``, earliest first."""
        ...

    def replan(
        self,
        sale_id: SaleId,
        *,
        revision: int,
        send_ms: int,
        wake_ms: int,
        cut_off_ms: int,
        at: datetime,
        limit: int,
        kind: MessageKind = MessageKind.REMINDER,
    ) -> int:
        """Give unsent rows of one kind and an older revision the new times; they become CREATED.

        Unsent are CREATED and TRIGGERED ones, and those that were CANCELLED with the sale before any attempt.
        """
        ...

    def close(
        self,
        sale_id: SaleId,
        state: State,
        reason: Reason,
        at: datetime,
        limit: int,
        *,
        kind: MessageKind = MessageKind.REMINDER,
    ) -> int:
        """End CREATED and TRIGGERED rows of a sale, those of one kind (EXPIRED or CANCELLED); return how many."""
        ...

    def close_fan(
        self,
        fan_ref: FanRef,
        channel: Channel | None,
        state: State,
        reason: Reason,
        at: datetime,
        *,
        brand: str | None = None,
    ) -> int:
        """End the CREATED and TRIGGERED rows of one fan, of every kind that opt-out binds; None matches all."""
        ...

    def reported(self, references: Sequence[tuple[int, int] | str]) -> ReportedRows:
        """Return the rows behind references: (notification id, attempt), or a provider's message id."""
        ...

    def of_fan(self, fan_ref: FanRef, limit: int) -> tuple[Notification, ...]:
        """Return a fan's rows, newest first."""
        ...

    def of_sale_fan(self, sale_id: SaleId, fan_ref: FanRef) -> tuple[Notification, ...]:
        """Return a fan's rows for one sale."""
        ...

    def told(self, sale_id: SaleId, revision_before: int, after: int | None, limit: int) -> DueRows:
        """Return rows of older revisions that reached the provider: the fans who hold something now false."""
        ...

    def totals(self, sale_id: SaleId | None) -> Totals:
        """Count the rows of a sale, or of all."""
        ...

    def unsent(self, sale_id: SaleId) -> dict[SenderName, int]:
        """Return how many CREATED and TRIGGERED rows a sale has by sender."""
        ...

    def next_wake_at(self) -> datetime | None:
        """Return the earliest ``wake_at`` of any live row."""
        ...

    def last_sent_at(self) -> datetime | None:
        """Return when the provider last accepted a reminder or a correction."""
        ...

    def get(self, notification_id: NotificationId) -> Notification | None:
        """Return one row."""
        ...
