"""The reminder policy: every number and list that an operator may set, with its default and its source.

Rules take it as an argument; settings make it once. Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from fanfare.model.sale import SaleKind

MUSIC_CATEGORY = "KZFzniwnSyZfZ7v7nJ"
"""Discovery's id of *Music*; filtered by id, because names are localised."""

ARTS_AND_THEATRE_CATEGORY = "KZFzniwnSyZfZ7v7na"
"""Discovery's id of *Arts & Theatre*."""

UNDEFINED_CATEGORY = "KZFzniwnSyZfZ7v7nl"
"""Discovery's id of *Undefined*: says no more than a missing category."""

LEAD_MINUTES = 30
"""REQ-001."""

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressions:
    """What gets no reminders (REQ-005)."""

    artists: frozenset[str] = frozenset()
    """Ids or names of headliners; names are compared normalised."""
    kinds: frozenset[SaleKind] = frozenset()
    keywords: tuple[str, ...] = ()
    """Found anywhere in a sale's or an event's name, both normalised."""


def _every_lead() -> Mapping[SaleKind, int]:
    return MappingProxyType(dict.fromkeys(SaleKind, LEAD_MINUTES))


def _no_brands() -> Mapping[str, Suppressions]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPolicy:
    """When reminders go out, how often they are tried, and for which sales there are none."""

    lead_minutes_by_kind: Mapping[SaleKind, int] = field(default_factory=_every_lead)
    """Between a reminder and its sale; a kind that is not listed has the default lead of 30 minutes."""
    max_early_minutes: int = 120
    """How much earlier than its ``send_at`` a sale may be released when there are too many for the lead."""
    finish_before_opening_minutes: int = 5
    """The last message of a sale is to leave this long before the opening."""
    slot_minutes: int = 30
    """FLOW-3. Divides a day, so that slots begin at the same minutes every day."""
    attempts_max: int = 3
    """REQ-004: the first send and two retries."""
    suppressed: Suppressions = field(default_factory=lambda: Suppressions(keywords=("registration",)))
    """For every brand; its reasons are stored on the sale."""
    suppressed_by_brand: Mapping[str, Suppressions] = field(default_factory=_no_brands)
    """Further ones for one brand, asked at generation."""
    countries: tuple[str, ...] = ("US", "CA")
    """ISO 3166-1 alpha-2 of venues; empty allows every country."""
    category_ids: tuple[str, ...] = (MUSIC_CATEGORY, ARTS_AND_THEATRE_CATEGORY)
    """Discovery ids; empty allows every category."""
    short_link_wait_seconds: int = 120
    """How long generation waits for a short link before it takes our own redirector (REQ-006)."""
    report_deadline_hours: int = 24
    """After this long without a report SENT rests as SENT(no_report); a later report still counts."""

    def __post_init__(self) -> None:
        """Refuse numbers that could never work.

        Raises:
            ValueError: names the field and what it must be.
        """
        _check_leads(self.lead_minutes_by_kind, self.finish_before_opening_minutes)
        _check_at_least("max_early_minutes", self.max_early_minutes, 0)
        _check_at_least("finish_before_opening_minutes", self.finish_before_opening_minutes, 0)
        _check_at_least("attempts_max", self.attempts_max, 1)
        _check_at_least("short_link_wait_seconds", self.short_link_wait_seconds, 0)
        _check_at_least("report_deadline_hours", self.report_deadline_hours, 1)
        if self.slot_minutes < 1 or MINUTES_PER_DAY % self.slot_minutes:
            raise ValueError(f"slot_minutes is {self.slot_minutes}; it must divide a day, such as 15, 30 or 60")

    def lead(self, kind: SaleKind) -> timedelta:
        """How long before its sale a reminder of this kind goes out."""
        return timedelta(minutes=self.lead_minutes_by_kind.get(kind, LEAD_MINUTES))

    @property
    def longest_lead(self) -> timedelta:
        """The longest lead of any kind."""
        return max(self.lead(kind) for kind in SaleKind)

    @property
    def max_early(self) -> timedelta:
        """``max_early_minutes`` as a duration."""
        return timedelta(minutes=self.max_early_minutes)

    @property
    def finish_before_opening(self) -> timedelta:
        """``finish_before_opening_minutes`` as a duration."""
        return timedelta(minutes=self.finish_before_opening_minutes)

    @property
    def look_ahead(self) -> timedelta:
        """How far over ``send_at`` planning looks: the earliest release plus two slots (FLOW-3)."""
        return timedelta(minutes=self.max_early_minutes + 2 * self.slot_minutes)


def _check_at_least(name: str, value: int, floor: int) -> None:
    if value < floor:
        raise ValueError(f"{name} is {value}; it must be at least {floor}")


def _check_leads(leads: Mapping[SaleKind, int], finish_before_opening_minutes: int) -> None:
    for kind, minutes in leads.items():
        if minutes <= finish_before_opening_minutes:
            raise ValueError(
                f"lead_minutes_by_kind[{kind}] is {minutes}; it must be more than "
                f"finish_before_opening_minutes ({finish_before_opening_minutes})"
            )
