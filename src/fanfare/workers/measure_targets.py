"""Measure the service targets, and keep what processes count so that a restart forgets nothing.

``run`` arrives with a tick and leaves what this process counted since the last one added to the day's counters;
``targets`` reads rows and counters and judges them. May fail: Transient when the store is out of reach; what was not
added is added by the next tick.
Original name: none.
"""

from collections.abc import Mapping
from datetime import datetime

from fanfare.ports.clock import Clock
from fanfare.ports.measures import Measures
from fanfare.rules import targets as rule
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.targets import Target


def run(tick: datetime, *, counted: Mapping[str, float], kept: dict[str, float], measures: Measures) -> int:
    """Add what was counted since the last tick; return how many counters moved.

    ``counted`` is what the process counted since its start (``telemetry.counted()``). ``kept`` is what was added
    before; it belongs to the process, empty at its start, and is brought up to date.
    """
    # A count of nothing is added once: an empty bucket bounds what a quantile can be.
    grown = {path: value - kept.get(path, 0.0) for path, value in counted.items() if value != kept.get(path)}

    if grown:
        measures.add(grown, tick)
        kept.update(counted)
    return len(grown)


def targets(since: datetime, *, measures: Measures, policy: ReminderPolicy, clock: Clock) -> tuple[Target, ...]:
    """Return every service target as measured since an instant."""
    rows = measures.rows(
        since, clock.now(), finish_before_opening=policy.finish_before_opening, max_early=policy.max_early
    )
    return rule.judge(rows, measures.links(), measures.counted(since))
