"""Whom a sale's reminders go to, and on which sender: decided for one page of demands at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fanfare.model.channel import Channel, Sender
from fanfare.model.event import Event
from fanfare.model.notification import Reason, State
from fanfare.model.sale import Sale, SaleStatus


def targets(sale: Sale, event: Event | None) -> tuple[str, ...]:
    """Return the lists of demands that a sale's audience comes from, ``event:<id>`` first."""
    attractions = event.attractions if event else ()
    return (f"event:{sale.event_id}", *(f"attraction:{attraction.attraction_id}" for attraction in attractions))


def sender_of(senders: Sequence[Sender], brand: str, channel: str) -> Sender | None:
    """Return the sender that carries a brand's messages on a channel: the first that lists it."""
    return next((one for one in senders if one.channel.value == channel and brand in one.brands), None)


def outranking(sale: Sale, siblings: Iterable[Sale]) -> Sale | None:
    """Return the notifiable sale of the event that opens at the same instant and is named instead, if there is one.

    Among several sales at one instant a fan gets one text: it names the kind of highest rank, and of two of one kind
    the first by id.
    """
    rivals = [one for one in siblings if one.is_notifiable and one.starts_at == sale.starts_at]
    best = min(rivals, key=lambda one: (one.kind.rank, one.sale_id), default=sale)
    return None if best.sale_id == sale.sale_id else best


def is_asked(sale: Sale, outranked_by: Sale | None, demanded: str | None) -> bool:
    """Whether a demand reaches this sale: one for another sale does not."""
    return (
        demanded is None or demanded == sale.sale_id or (outranked_by is not None and demanded == outranked_by.sale_id)
    )


def end_of(sale: Sale) -> tuple[State, Reason]:
    """Return where unsent reminders end of a sale that is not going to be told."""
    if sale.status is SaleStatus.CANCELLED:
        return State.CANCELLED, Reason.SALE_CANCELLED
    if sale.status is SaleStatus.UNSCHEDULED:
        return State.CANCELLED, Reason.SALE_UNSCHEDULED
    return State.SUPPRESSED, Reason.SALE_SUPPRESSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one fan, channel and sale."""

    state: State
    reason: Reason | None = None
    wake_ms: int | None = None
    add_email: bool = False
    """Quiet hours close the SMS, and the fan may be told by email instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One demanded row before it is written: the facts that decide it."""

    channel: str
    has_sender: bool
    brand_suppressed: bool
    opted_out: bool
    is_shared: bool
    """Another fan holds the claim on the address."""
    same_instant: bool
    """A sale of higher rank at the same instant tells this fan already."""


def judge(candidate: Candidate, quiet: Callable[[], tuple[bool, int]]) -> Verdict:
    """Decide one row. ``quiet`` is asked last: it returns whether the channel may be used, and from when (epoch ms)."""
    reason = _bar(candidate)
    if reason is not None:
        return Verdict(State.SUPPRESSED, reason)
    is_open, wake_ms = quiet()
    if not is_open:
        return Verdict(State.SUPPRESSED, Reason.QUIET_HOURS, None, candidate.channel == Channel.SMS)
    return Verdict(State.CREATED, None, wake_ms)


def _bar(candidate: Candidate) -> Reason | None:
    bars = (
        (candidate.same_instant, Reason.SAME_INSTANT),
        (candidate.brand_suppressed, Reason.SALE_SUPPRESSED),
        (candidate.opted_out, Reason.OPTED_OUT),
        (candidate.is_shared, Reason.SHARED_ADDRESS),
        (not candidate.has_sender, Reason.NO_SENDER),
    )
    return next((reason for barred, reason in bars if barred), None)
