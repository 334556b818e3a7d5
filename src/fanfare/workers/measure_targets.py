"""Measure the service targets, and keep what processes count so that a restart forgets nothing.

``run`` arrives with a tick and leaves what this process counted since the last one added to the day's counters;
``targets`` reads rows and counters and judges them. May fail: Transient when the store is out of reach; what was not
added is added by the next tick.
Original name: none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from fanfare.ports.clock import Clock
from fanfare.ports.measures import Measures
from fanfare.rules import targets as rule
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.targets import Target

KEPT = {
    "fanfare_sends_total": ("sends", ("channel", "outcome")),
    "fanfare_route_batches_total": ("route_batches", ("route", "result")),
    "fanfare_route_seconds_bucket": ("route_seconds", ("route",)),
    "fanfare_event_queries_total": ("event_queries", ("source",)),
    "fanfare_event_query_seconds_bucket": ("event_query_seconds", ("source",)),
    "fanfare_partner_calls_total": ("partner_calls", ("partner", "result")),
    "fanfare_store_writes_total": ("store_writes", ("result",)),
}
"""Samples of the process's metrics that are kept: the family of their path, and the labels that follow."""
BOUND = "le"
"""The label of a bucket's bound."""


class Sample(Protocol):
    """One number of a metric."""

    @property
    def name(self) -> str:
        """The sample's name."""
        ...

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        ...

    @property
    def value(self) -> float:
        """The number."""
        ...


class Metric(Protocol):
    """One metric with its samples."""

    @property
    def samples(self) -> Iterable[Sample]:
        """Its numbers now."""
        ...


def run(tick: datetime, *, metrics: Iterable[Metric], kept: dict[str, float], measures: Measures) -> int:
    """Add what was counted since the last tick; return how many counters moved.

    ``metrics`` is the process's registry as collected now. ``kept`` is what was added before; it belongs to the
    process, empty at its start, and is brought up to date.
    """
    now = counted(metrics)
    grown = {path: value - kept.get(path, 0.0) for path, value in now.items() if value > kept.get(path, 0.0)}
    if grown:
        measures.add(grown, tick)
        kept.update(now)
    return len(grown)


def counted(metrics: Iterable[Metric]) -> dict[str, float]:
    """Return the kept samples by path: ``sends/sms/accepted``, ``route_seconds/apply_opt_outs/le:0.5``."""
    found: dict[str, float] = {}
    for metric in metrics:
        for sample in metric.samples:
            if sample.name in KEPT:
                found[_path(sample)] = sample.value
    return found


def targets(since: datetime, *, measures: Measures, policy: ReminderPolicy, clock: Clock) -> tuple[Target, ...]:
    """Return every service target as measured since an instant."""
    rows = measures.rows(
        since, clock.now(), finish_before_opening=policy.finish_before_opening, max_early=policy.max_early
    )
    return rule.judge(rows, measures.links(), measures.counted(since))


def _path(sample: Sample) -> str:
    family, labels = KEPT[sample.name]
    parts = [family, *(sample.labels[label].replace("/", "_") for label in labels)]
    if BOUND in sample.labels:
        parts.append(f"{BOUND}:{sample.labels[BOUND].replace('+Inf', 'inf')}")
    return "/".join(parts)
