"""What a store can tell of how well fans were told: counts of rows, read in one pass."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMeasures:
    """Counts over the notification rows that were written since an instant."""

    reported: int
    """SMS rows that a provider took and whose outcome is known: reported, or its report never came."""
    delivered: int
    handed_over: int
    """SMS rows with a release and a hand-over."""
    hand_over_p95_seconds: float | None
    """From release until the provider had it; None without rows."""
    delivery_mean_seconds: float
    """From release until the report of delivery, over ``delivery_timed`` rows."""
    delivery_timed: int
    openings_due: int
    """Reminders whose sale opened and that were to go out; fans who opted in too late for it left out."""
    on_time: int
    """Of these, taken between the earliest release and five minutes before the opening."""
    attempted: int
    failed: int
    accepted: int
    duplicates: int
    """Messages taken beyond the first for one occasion, kind, channel and address."""
    due: int
    dropped: int
    """Rows alive after their cut-off, or ended without a reason."""
    not_reached: int
    """Rows that ended EXPIRED, SUPPRESSED or UNCONFIRMED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMeasures:
    """Events that somebody demands, and their short links."""

    events: int
    shortened: int
