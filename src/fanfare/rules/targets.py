"""The service targets TGT-1 to TGT-10 of docs/reference/requirements.md: each figure against its target and its alarm.

Rates are in per cent, times in seconds. A figure with no alarm level of its own alarms where the target is missed. A
figure without samples says so: it is neither kept nor missed.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fanfare.model.measure import LinkMeasures, RowMeasures

P95 = 0.95

_COMPARED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": ">"}
"""Counts never fall below 0, so what is not equal is more."""


class TargetState(StrEnum):
    """How a figure stands."""

    OK = "ok"
    ALARM = "alarm"
    NO_SAMPLES = "no_samples"


class Unit(StrEnum):
    """What a figure is counted in."""

    PERCENT = "%"
    SECONDS = "s"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure. Several may share an id: a target can bind more than one thing."""

    id: str
    name: str
    target: str
    """As it is promised: ``>= 99``."""
    alarm: str
    """From where it alarms: ``< 95``."""
    value: float | None
    unit: Unit
    samples: int
    state: TargetState
    is_met: bool | None
    """Whether the target itself is kept; None without samples."""
    measured_from: str


@dataclass(frozen=True, slots=True)
class Level:
    """A promise: a sign and a bound."""

    sign: str
    """One of ``<``, ``<=``, ``>``, ``>=``, ``=``."""
    bound: float

    def holds(self, value: float) -> bool:
        """Whether the value keeps it."""
        return _COMPARED[self.sign](value, self.bound)

    @property
    def broken(self) -> str:
        """From where it is broken: ``< 95`` for ``>= 95``."""
        return f"{_OPPOSITE[self.sign]} {self.bound:g}"

    def __str__(self) -> str:
        """Return it as it is promised."""
        return f"{self.sign} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured of one target."""

    value: float | None
    samples: int
    measured_from: str


def judge(rows: RowMeasures, links: LinkMeasures, counted: Mapping[str, float]) -> tuple[Target, ...]:
    """Return every target in the order of their ids.

    ``counted`` holds counters by path (``sends/sms/accepted``), buckets of times as ``.../le:0.5``.
    """
    percent, seconds, count = Unit.PERCENT, Unit.SECONDS, Unit.COUNT
    return (
        _target("TGT-1", "delivered", percent, Level(">=", 99), _delivered(rows), floor=Level(">=", 95)),
        _target("TGT-2", "handed over after release, p95", seconds, Level("<", 5), _hand_over(rows)),
        _target("TGT-2", "trigger to delivered, mean", seconds, Level("<", 120), _delivery(rows)),
        _target("TGT-3", "processing of an event or change, p95", seconds, Level("<", 2), _batches(counted)),
        _target("TGT-4", "on time", percent, Level(">", 98), _on_time(rows)),
        _target("TGT-5", "failed", percent, Level("<", 5), _failed(rows)),
        _target("TGT-6", "duplicates", count, Level("=", 0), _duplicates(rows)),
        _target("TGT-7", "short links", percent, Level(">", 99), _links(links)),
        _target("TGT-8", "eventDetails, p95", seconds, Level("<", 0.5), _query_p95(counted, None)),
        _target("TGT-8", "eventDetails cached, p95", seconds, Level("<", 1), _query_p95(counted, "cache")),
        _target("TGT-8", "eventDetails uncached, p95", seconds, Level("<=", 2), _query_p95(counted, "source")),
        _target("TGT-8", "eventDetails cache hits", percent, Level(">", 90), _cache_hits(counted)),
        _target("TGT-9", "dropped", count, Level("=", 0), _dropped(rows)),
        _target("TGT-10", "worker success", percent, Level(">", 99), _share_of(counted, "route_batches", ("done",))),
        _target("TGT-10", "store writes", percent, Level(">", 99.9), _share_of(counted, "store_writes", ("done",))),
        _target("TGT-10", "SMS service", percent, Level(">", 99.5), _sms_service(counted)),
        _target(
            "TGT-10", "Discovery", percent, Level(">", 99), _share_of(counted, "partner_calls/discovery", ("done",))
        ),
    )


def quantile(buckets: Mapping[float, float], share: float) -> float | None:
    """Return the time below which a share of the samples lies, from cumulative buckets (bound in seconds -> count).

    Between two bounds it is interpolated, as Prometheus does; beyond the last finite one it is that bound.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0
    if not total:
        return None
    wanted, below_bound, below_count = total * share, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            if bound == float("inf"):
                return below_bound
            inside = buckets[bound] - below_count
            return below_bound + (bound - below_bound) * ((wanted - below_count) / inside if inside else 1)
        below_bound, below_count = bound, buckets[bound]
    return below_bound


def _target(name_id: str, name: str, unit: Unit, level: Level, figure: Figure, *, floor: Level | None = None) -> Target:
    alarm = floor or level
    value = figure.value
    is_alarm = value is not None and not alarm.holds(value)
    state = TargetState.NO_SAMPLES if value is None else TargetState.ALARM if is_alarm else TargetState.OK
    return Target(
        id=name_id,
        name=name,
        target=str(level),
        alarm=alarm.broken,
        value=None if value is None else round(value, 3),
        unit=unit,
        samples=figure.samples,
        state=state,
        is_met=None if value is None else level.holds(value),
        measured_from=figure.measured_from,
    )


def _percent(part: float, whole: float, measured_from: str) -> Figure:
    value = 100 * part / whole if whole else None
    return Figure(value=value, samples=round(whole), measured_from=measured_from)


def _delivered(rows: RowMeasures) -> Figure:
    return _percent(rows.delivered, rows.reported, "SMS rows that a provider took, once their outcome is known")


def _hand_over(rows: RowMeasures) -> Figure:
    measured_from = "SMS rows: from release (TRIGGERED) until the provider took them"
    return Figure(value=rows.hand_over_p95_seconds, samples=rows.handed_over, measured_from=measured_from)


def _delivery(rows: RowMeasures) -> Figure:
    value = rows.delivery_mean_seconds if rows.delivery_timed else None
    measured_from = "SMS rows: from release until the time of the report of delivery"
    return Figure(value=value, samples=rows.delivery_timed, measured_from=measured_from)


def _on_time(rows: RowMeasures) -> Figure:
    return _percent(
        rows.on_time, rows.openings_due, "reminders of opened sales that were to go out; EXPIRED counts as late"
    )


def _failed(rows: RowMeasures) -> Figure:
    return _percent(rows.failed, rows.attempted, "rows with an attempt that ended, or that a provider has")


def _duplicates(rows: RowMeasures) -> Figure:
    measured_from = "messages taken beyond the first for one occasion, kind, channel and address"
    return Figure(value=rows.duplicates if rows.accepted else None, samples=rows.accepted, measured_from=measured_from)


def _dropped(rows: RowMeasures) -> Figure:
    measured_from = (
        "due rows alive after their cut-off or ended without a reason; "
        f"{rows.not_reached} ended EXPIRED, SUPPRESSED or UNCONFIRMED: not reached"
    )
    return Figure(value=rows.dropped if rows.due else None, samples=rows.due, measured_from=measured_from)


def _links(links: LinkMeasures) -> Figure:
    return _percent(links.shortened, links.events, "events that somebody demands")


def _batches(counted: Mapping[str, float]) -> Figure:
    return _p95(counted, "route_seconds/", "batches through a route, from taking one to its effect")


def _query_p95(counted: Mapping[str, float], source: str | None) -> Figure:
    prefix = "event_query_seconds/" + (f"{source}/" if source else "")
    return _p95(counted, prefix, f"answers of eventDetails{f' from {source}' if source else ''}")


def _cache_hits(counted: Mapping[str, float]) -> Figure:
    return _share_of(counted, "event_queries", ("cache",))


def _sms_service(counted: Mapping[str, float]) -> Figure:
    """A refusal is an answer; only what was not taken or stayed unknown counts against the service."""
    return _share_of(counted, "sends/sms", ("accepted", "refused"))


def _share_of(counted: Mapping[str, float], family: str, good: tuple[str, ...]) -> Figure:
    all_of = {path: value for path, value in counted.items() if path.startswith(f"{family}/")}
    part = sum(value for path, value in all_of.items() if path.rpartition("/")[2] in good)
    return _percent(part, sum(all_of.values()), f"counter {family}")


def _p95(counted: Mapping[str, float], prefix: str, what: str) -> Figure:
    buckets: dict[float, float] = {}
    for path, value in counted.items():
        head, _, bound = path.rpartition("/le:")
        if head and path.startswith(prefix):
            buckets[float(bound)] = buckets.get(float(bound), 0) + value
    samples = round(max(buckets.values(), default=0))
    return Figure(value=quantile(buckets, P95), samples=samples, measured_from=f"{what} (buckets of times)")
