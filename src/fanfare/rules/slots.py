"""When a reminder is due, and which stretch of due instants a tick plans.

Slots are over ``send_at``, half-open, and counted from the epoch in UTC, so that no change of clocks makes one
longer, shorter, doubled or lost.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fanfare.model.instant import EPOCH
from fanfare.model.sale import SaleKind
from fanfare.rules.policy import ReminderPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of instants, ``from_at <= instant < until_at``."""

    from_at: datetime
    until_at: datetime

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.from_at >= self.until_at

    def __contains__(self, instant: datetime) -> bool:
        return self.from_at <= instant < self.until_at


def send_at(starts_at: datetime, kind: SaleKind, policy: ReminderPolicy) -> datetime:
    """Return when reminders of a sale are due, in UTC.

    The lead is taken from the instant: taken from a local time it would be an hour off when clocks change in between.
    """
    return starts_at.astimezone(UTC) - policy.lead(kind)


def slot_of(at: datetime, minutes: int) -> datetime:
    """Return the beginning, in UTC, of the slot of ``minutes`` that holds the instant."""
    length = timedelta(minutes=minutes)
    return EPOCH + (at - EPOCH) // length * length


def to_plan(watermark: datetime | None, now: datetime, policy: ReminderPolicy) -> Window:
    """Return the stretch of ``send_at`` that a tick plans, and whose end is the next watermark.

    It begins where the last one ended, however long ago that is, so nothing between two ticks is lost; it ends with
    the slot that the look-ahead reaches. A second tick in one slot gets an empty window, and so does a clock that was
    set back. Without a watermark it begins one longest lead ago: a sale due before that has opened.
    """
    until_at = slot_of(now + policy.look_ahead, policy.slot_minutes) + timedelta(minutes=policy.slot_minutes)
    from_at = slot_of(now - policy.longest_lead, policy.slot_minutes) if watermark is None else watermark
    return Window(from_at=from_at, until_at=max(from_at, until_at))
