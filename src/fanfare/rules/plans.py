"""How many messages a sender carries before its sales open: when release starts, where it ends, who goes first.

A sender is one server with a rate in segments a second. Its sales are served earliest opening first; of sales that open
together the smaller goes first. With deadlines that is optimal: if any order gets all of them out in time, this one
does. Everything is computed in stretches between two events (a release, a finish, an opening), never per message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, inf

from fanfare.model.ids import SaleId, SenderName
from fanfare.rules.policy import ReminderPolicy

FLOOR_SHARE = 10
"""A tenth of a budget is spread evenly over all lanes, the rest goes to the earliest opening."""

WHOLE = 1e-6
"""Less of a segment than this is a rounding error of seconds, not a segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLoad:
    """What one sale still has to send on one sender."""

    sale_id: SaleId
    sender: SenderName
    opens_at: datetime
    """Nothing goes out from here on."""
    send_at: datetime
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SalePlan:
    """When one sale is released on one sender, and how far it gets."""

    sale_id: SaleId
    sender: SenderName
    release_at: datetime
    """An instant in the past means at once."""
    segments: int
    """What it was planned for."""
    forecast_finish_at: datetime
    """When its last segment leaves, or the opening where not all of them do."""
    not_reachable: int
    """Segments that cannot leave before the opening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What one released sale still has to send."""

    sale_id: SaleId
    opens_at: datetime
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How far a released sale gets."""

    finish_at: datetime
    not_reachable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Rows of one sale, or replies, that wait on one sender."""

    key: str
    opens_at: datetime | None
    """None for replies, which go before everything."""
    due: int


def plan(
    loads: Iterable[SaleLoad], rate_per_second: Mapping[SenderName, float], policy: ReminderPolicy, now: datetime
) -> tuple[SalePlan, ...]:
    """Return when each sale is released, in the order of senders and openings.

    A sale is released at its ``send_at``, or earlier where all sales of its sender together would not be out
    ``finish_before_opening`` before their openings; but never more than ``max_early`` before its ``send_at``.

    Raises:
        KeyError: a sender has no rate.
    """
    by_sender: dict[SenderName, list[SaleLoad]] = {}
    for load in loads:
        by_sender.setdefault(load.sender, []).append(load)
    return tuple(
        sale_plan
        for sender in sorted(by_sender)
        for sale_plan in _plan_sender(by_sender[sender], rate_per_second[sender], policy, now)
    )


def forecast(backlogs: Iterable[Backlog], rate_per_second: float, now: datetime) -> dict[SaleId, Forecast]:
    """Return how far the released sales of one sender get at its rate from now on."""
    jobs = [_Job.of(backlog, now, now) for backlog in backlogs]
    _serve(jobs, rate_per_second)
    return {job.sale_id: Forecast(finish_at=job.finish_instant(now), not_reachable=job.segments_left) for job in jobs}


def share(budget: int, lanes: Iterable[Lane]) -> dict[str, int]:
    """Return how many of ``budget`` tokens each lane gets: never more than it has due, and none lost while any waits.

    Replies come first. Then each lane gets a small equal floor, so that a sale of 200 fans gets through beside one of
    50,000; with as many tokens as lanes that wait none goes empty. The rest goes to the earliest opening, and evenly
    among lanes that open together. Keys of lanes differ.
    """
    waiting = [lane for lane in lanes if lane.due > 0]
    replies = [lane for lane in waiting if lane.opens_at is None]
    sales = [lane for lane in waiting if lane.opens_at is not None]
    shares = {lane.key: 0 for lane in waiting}
    left = _spread(max(budget, 0), replies, shares)
    floor_pool = max(left // FLOOR_SHARE, len(sales) if left >= len(sales) else 0)
    left -= floor_pool - _spread(floor_pool, sales, shares)
    for opens_at in sorted({lane.opens_at for lane in sales if lane.opens_at}):
        left = _spread(left, [lane for lane in sales if lane.opens_at == opens_at], shares)
    return shares


def _spread(budget: int, lanes: list[Lane], shares: dict[str, int]) -> int:
    """Give the lanes equal parts of the budget, small ones first; return what nobody wanted."""
    hungry = sorted(lanes, key=lambda lane: (lane.due - shares[lane.key], lane.key))
    for served, lane in enumerate(hungry):
        part = min(lane.due - shares[lane.key], ceil(budget / (len(hungry) - served)))
        shares[lane.key] += part
        budget -= part
    return budget


@dataclass(slots=True, kw_only=True)
class _Job:
    """One sale in the simulation; times are seconds from ``now``."""

    sale_id: SaleId
    segments: float
    release: float
    opening: float
    finish: float | None = None

    @classmethod
    def of(cls, load: SaleLoad | Backlog, release_at: datetime, now: datetime) -> "_Job":
        release = max((release_at - now).total_seconds(), 0.0)
        return cls(
            sale_id=load.sale_id,
            segments=float(load.segments),
            release=release,
            opening=(load.opens_at - now).total_seconds(),
            finish=None if load.segments else release,
        )

    @property
    def segments_left(self) -> int:
        return ceil(self.segments - WHOLE)

    def finish_instant(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.opening if self.finish is None else self.finish)


def _plan_sender(loads: list[SaleLoad], rate: float, policy: ReminderPolicy, now: datetime) -> list[SalePlan]:
    loads = sorted(loads, key=lambda load: (load.opens_at, load.segments, load.sale_id))
    releases = _releases(loads, rate, policy)
    jobs = [_Job.of(load, release_at, now) for load, release_at in zip(loads, releases, strict=True)]
    _serve(jobs, rate)
    return [
        SalePlan(
            sale_id=load.sale_id,
            sender=load.sender,
            release_at=release_at,
            segments=load.segments,
            forecast_finish_at=job.finish_instant(now),
            not_reachable=job.segments_left,
        )
        for load, release_at, job in zip(loads, releases, jobs, strict=True)
    ]


def _releases(loads: list[SaleLoad], rate: float, policy: ReminderPolicy) -> list[datetime]:
    """Return the latest releases by which all are out in time, going backwards from the last opening."""
    releases: list[datetime] = []
    next_begins_at: datetime | None = None
    for load in reversed(loads):
        end_at = load.opens_at - policy.finish_before_opening
        end_at = end_at if next_begins_at is None else min(end_at, next_begins_at)
        next_begins_at = end_at - timedelta(seconds=load.segments / rate)
        releases.append(max(min(load.send_at, next_begins_at), load.send_at - policy.max_early))
    return releases[::-1]


def _serve(jobs: list[_Job], rate: float) -> None:
    """Let time pass from one event to the next until every job is finished or its sale has opened."""
    jobs = sorted(jobs, key=lambda job: (job.opening, job.segments, job.sale_id))
    at = 0.0
    while waiting := [job for job in jobs if job.finish is None and job.opening > max(at, job.release)]:
        job = next((job for job in waiting if job.release <= at), None)
        upcoming = min((other.release for other in waiting if other.release > at), default=inf)
        if job is None:
            at = upcoming
            continue
        until = min(upcoming, job.opening, at + job.segments / rate)
        if until == at + job.segments / rate:
            job.segments, job.finish = 0.0, until
        else:
            job.segments -= (until - at) * rate
        at = until
