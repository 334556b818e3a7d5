"""Measuring the targets: what processes count outlives them, and rows and counters meet in one answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from fanfare import telemetry
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.measures import Measures
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.rules.policy import ReminderPolicy
from fanfare.telemetry import Metrics
from fanfare.workers import measure_targets

NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary(clock=SteppedClock(NOW))
    yield made
    made.close()


@pytest.fixture
def measures(engine: EmbeddedEngine) -> Measures:
    return Measures(engine.store)


def test_only_what_grew_is_added(measures: Measures) -> None:
    metrics, kept = Metrics(CollectorRegistry()), dict[str, float]()
    metrics.sent.labels("sms", "accepted").inc(3)

    first = measure_targets.run(NOW, counted=telemetry.counted(metrics), kept=kept, measures=measures)
    again = measure_targets.run(NOW, counted=telemetry.counted(metrics), kept=kept, measures=measures)
    metrics.sent.labels("sms", "accepted").inc(2)
    measure_targets.run(NOW, counted=telemetry.counted(metrics), kept=kept, measures=measures)

    assert first > 0
    assert again == 0
    assert measures.counted(NOW)["sends/sms/accepted"] == 5


def test_two_processes_add_up(measures: Measures) -> None:
    for _ in range(2):
        metrics = Metrics(CollectorRegistry())
        metrics.route_batches.labels("a", "done").inc()
        measure_targets.run(NOW, counted=telemetry.counted(metrics), kept={}, measures=measures)

    assert measures.counted(NOW)["route_batches/a/done"] == 2


def test_what_was_never_counted_is_added_as_nothing_so_that_it_is_seen(measures: Measures) -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.event_query_seconds.labels("cache").observe(0.3)

    measure_targets.run(NOW, counted=telemetry.counted(metrics), kept={}, measures=measures)

    counted = measures.counted(NOW)
    assert (counted["missed_sales"], counted["event_query_seconds/cache/le:0.25"]) == (0, 0)


def test_buckets_are_told_by_their_bound() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.event_query_seconds.labels("cache").observe(0.3)

    counted = telemetry.counted(metrics)

    assert (counted["event_query_seconds/cache/le:0.25"], counted["event_query_seconds/cache/le:0.5"]) == (0, 1)
    assert counted["event_query_seconds/cache/le:inf"] == 1
    assert counted["event_query_seconds/cache/sum"] == 0.3


def test_counters_and_rows_meet_in_one_answer(measures: Measures, engine: EmbeddedEngine) -> None:
    measures.add({"route_batches/a/done": 200}, NOW)

    found = measure_targets.targets(
        NOW - timedelta(days=1), measures=measures, policy=ReminderPolicy(), clock=engine.clock
    )

    assert {each.name: each.value for each in found if each.value is not None} == {"worker success": 100}
