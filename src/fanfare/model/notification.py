"""The notification record: its states, the edges between them, and why it rests where it rests.

An end is left by the listed edges only; docs/reference/states.md tells when each edge is taken, and by whom.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef, NotificationId, SenderName


class State(StrEnum):
    """Where a notification stands."""

    CREATED = "CREATED"
    TRIGGERED = "TRIGGERED"
    QUEUED = "QUEUED"
    """An attempt's intent is durably recorded; the provider may or may not have been called."""
    SENT = "SENT"
    """The provider accepted it."""
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    UNCONFIRMED = "UNCONFIRMED"
    """Whether the provider accepted it could not be found out; never sent again by default."""


ENDS = frozenset({State.DELIVERED, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED, State.UNCONFIRMED})
"""States that need no more work. SENT with reason ``no_report`` is an end too."""

EDGES: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.TRIGGERED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED, State.DELIVERED}),
    State.TRIGGERED: frozenset(
        {State.QUEUED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED, State.CREATED, State.DELIVERED}
    ),
    State.QUEUED: frozenset(
        {State.QUEUED, State.SENT, State.CREATED, State.DELIVERED, State.FAILED, State.UNCONFIRMED}
    ),
    State.SENT: frozenset({State.SENT, State.DELIVERED, State.FAILED, State.CREATED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset({State.DELIVERED}),
    State.SUPPRESSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset({State.CREATED}),
    State.UNCONFIRMED: frozenset({State.DELIVERED, State.SENT, State.FAILED, State.CREATED}),
}
"""TRIGGERED > CREATED is a re-plan (a moved sale, a wait for the fan's morning); the attempt is not counted.

QUEUED > QUEUED is a look-up that did not settle it yet, SENT > SENT the rest after the report deadline. CREATED and
TRIGGERED > DELIVERED is a late report of an earlier attempt. CANCELLED > CREATED is a row that was never tried, of a
sale that was called off or lost its date and is on again.
"""


class Reason(StrEnum):
    """Why a row rests where it rests, or why it waits. The closed list; docs/reference/reasons.md explains each."""

    # suppressed
    OPTED_OUT = "opted_out"
    QUIET_HOURS = "quiet_hours"
    SHARED_ADDRESS = "shared_address"
    SAME_INSTANT = "same_instant"
    SALE_SUPPRESSED = "sale_suppressed"
    NO_SENDER = "no_sender"
    FORGOTTEN = "forgotten"
    # expired, cancelled
    SALE_OPENED = "sale_opened"
    SALE_CANCELLED = "sale_cancelled"
    SALE_UNSCHEDULED = "sale_unscheduled"
    WITHDRAWN = "withdrawn"
    # failed
    INVALID_NUMBER = "invalid_number"
    INVALID_ADDRESS = "invalid_address"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    FILTERED = "filtered"
    REJECTED = "rejected"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SENDER_PROBLEM = "sender_problem"
    CARRIER_LIMIT = "carrier_limit"
    VALIDITY_PASSED = "validity_passed"
    REPORTED_FAILED = "reported_failed"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    # sent, unconfirmed
    NO_REPORT = "no_report"
    UNKNOWN_OUTCOME = "unknown_outcome"
    # waiting
    RETRY = "retry"
    REPLANNED = "replanned"
    MORNING = "morning"


class MessageKind(StrEnum):
    """What a notification says. ``rules/kinds.py`` holds what binds each."""

    REMINDER = "reminder"
    SALE_CHANGED = "sale_changed"
    OPT_IN_CONFIRMED = "opt_in_confirmed"
    OPT_OUT_CONFIRMED = "opt_out_confirmed"
    START_CONFIRMED = "start_confirmed"
    HELP = "help"


class OccasionKind(StrEnum):
    """What gives rise to a message."""

    SALE = "sale"
    CONSENT = "consent"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The fact a message is about; with fan, channel and message kind it is a notification's identity."""

    kind: OccasionKind
    name: str
    """A sale id, a consent's id, or an inbound text's provider id."""

    def __str__(self) -> str:
        """Return ``kind:name``, the form that records carry."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One row: one message of one kind, to one fan, by one channel, for one occasion."""

    notification_id: NotificationId
    occasion: Occasion
    fan_ref: FanRef
    channel: Channel
    kind: MessageKind
    brand: str
    sender: SenderName | None
    state: State
    reason: Reason | None
    attempts: int
    late: bool
    """Written after the audience was frozen: a late opt-in."""
    send_at: datetime | None
    wake_at: datetime | None
    """When the row wants attention next; None at its end."""
    cut_off_at: datetime | None
    """No call for it may begin at or after this instant."""
    sale_revision: int | None
    text_hash: str | None
    provider_id: str | None
    provider_code: int | None
    created_at: datetime
    triggered_at: datetime | None
    queued_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    resent: bool
    """Sent again after an unknown outcome because the brand's switch allows it."""
    version: int

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be done for it."""
        return self.state in ENDS or (self.state is State.SENT and self.reason is Reason.NO_REPORT)
