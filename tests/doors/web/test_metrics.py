"""The metrics page: every process's counts and the store's state, under the names that telemetry gives them."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from fanfare import telemetry
from fanfare.doors.web.metrics import families
from fanfare.model.ids import SaleId, SenderName
from fanfare.ports.api_keys import Scope
from fanfare.ports.plans import ReleasePlan
from tests.doors.web.conftest import NOW, Stage
from tests.ports.given import Given

WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fanfare import telemetry
from fanfare.engines.embedded.files import STORE_FILE, open_existing
from fanfare.engines.embedded.measures import Measures
from fanfare.workers import measure_targets

telemetry.METRICS.sent.labels("sms", "accepted").inc(7)
telemetry.METRICS.route_seconds.labels("send_notifications:sms").observe(0.3)
store = open_existing(Path(sys.argv[1]) / STORE_FILE, "store")
measure_targets.run(datetime.now(UTC), counted=telemetry.counted(), kept={}, measures=Measures(store))
"""


def samples(stage: Stage) -> dict[tuple[str, ...], float]:
    """Every sample of the page: its name and the values of its labels, by their names -> its value."""
    page = stage.call("GET", "/metrics").text
    found = (sample for family in text_string_to_metric_families(page) for sample in family.samples)
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in found}


def test_metrics_are_for_this_machine(stage: Stage) -> None:
    assert stage.call("GET", "/metrics").status == 200


def test_a_proxy_on_this_machine_is_not_this_machine(stage: Stage) -> None:
    assert stage.call("GET", "/metrics", X_Forwarded_For="203.0.113.9").status == 401
    assert stage.call("GET", "/metrics", X_Forwarded_For="203.0.113.9", key=stage.key(Scope.METRICS_READ)).status == 200


def test_what_a_worker_in_another_process_counted_is_told_here(stage: Stage) -> None:
    stage.world.measures.add({"sends/sms/accepted": 2}, NOW - timedelta(days=40))
    subprocess.run([sys.executable, "-c", WORKER, str(stage.engine.data_dir)], check=True)

    told = samples(stage)

    assert told["fanfare_sends_total", "sms", "accepted"] == 9
    assert told["fanfare_route_seconds_bucket", "0.25", "send_notifications:sms"] == 0
    assert told["fanfare_route_seconds_bucket", "0.5", "send_notifications:sms"] == 1
    assert told["fanfare_route_seconds_bucket", "+Inf", "send_notifications:sms"] == 1
    assert told["fanfare_route_seconds_count", "send_notifications:sms"] == 1
    assert told["fanfare_route_seconds_sum", "send_notifications:sms"] == 0.3


def test_what_the_store_holds_is_told(stage: Stage) -> None:
    Given(stage.engine).released(3)
    stage.world.switches.pause("a test")
    stage.world.queues.send("short-urls", ["{}", "{}"])
    stage.world.queues.quarantine("reports:twilio", "???", "not JSON")
    stage.world.checkpoints.move("changes:queue_short_urls", expected=None, to="1")
    stage.world.plans.put(
        ReleasePlan(
            sale_id=SaleId("S9"), sender=SenderName("sms"), opens_at=NOW + timedelta(hours=1), revision=1,
            release_at=NOW, segments=500, forecast_finish_at=None, not_reachable=40, planned_at=NOW,
        )
    )  # fmt: skip
    stage.clock.advance_to(stage.clock.now() + timedelta(minutes=10))

    told = samples(stage)

    assert told["fanfare_notifications", "TRIGGERED"] == 3
    assert told["fanfare_overdue_seconds",] > 0
    assert told["fanfare_not_reachable_notifications", "sms"] == 40
    assert told["fanfare_not_reachable_notifications", "mail"] == 0
    assert told["fanfare_sending_paused",] == 1
    assert told["fanfare_waiting_messages", "short-urls"] == 2
    assert told["fanfare_kept_dead_letters", "reports:twilio"] == 1
    assert told["fanfare_unread_changes", "queue_short_urls"] > 0


def test_rows_are_counted_by_state_once_a_minute(stage: Stage) -> None:
    given = Given(stage.engine)
    given.released(3)
    assert samples(stage)["fanfare_notifications", "TRIGGERED"] == 3
    stage.engine.store.change("UPDATE notification SET state = 'SENT' WHERE id = 1")

    stage.clock.advance_to(stage.clock.now() + timedelta(seconds=59))
    assert samples(stage)["fanfare_notifications", "TRIGGERED"] == 3
    stage.clock.advance_to(stage.clock.now() + timedelta(seconds=2))
    assert samples(stage)["fanfare_notifications", "TRIGGERED"] == 2


def test_every_count_of_a_process_is_told_as_its_own_page_would_tell_it() -> None:
    metrics = telemetry.Metrics(CollectorRegistry())
    metrics.sent.labels("sms", "accepted").inc(3)
    metrics.send_seconds.labels("sms").observe(0.02)
    metrics.route_batches.labels("a:b", "done").inc()
    metrics.route_seconds.labels("a:b").observe(0.3)
    metrics.dead_letters.labels("q").inc()
    metrics.missed_sales.inc()
    metrics.event_queries.labels("cache").inc()
    metrics.event_query_seconds.labels("cache").observe(100)
    metrics.partner_calls.labels("discovery", "failed").inc()
    metrics.store_writes.labels("done").inc(12)

    told = families(telemetry.counted(metrics), {})

    assert lasting(told) == lasting(metrics.registry.collect())


def lasting(found: Any) -> set[tuple[str, tuple[tuple[str, str], ...], float]]:  # noqa: ANN401 - families of either kind
    """The samples of families, but when each was made."""
    every = (sample for family in found for sample in family.samples)
    return {
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for sample in every
        if not sample.name.endswith("_created")
    }


def test_counts_of_another_version_are_passed_over() -> None:
    told = families({"sends/sms": 1, "gone/a": 2, "route_seconds/x/y/le:1": 3, "missed_sales/of/what": 1}, {})

    assert lasting(told) == set()
