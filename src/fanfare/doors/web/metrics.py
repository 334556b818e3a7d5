"""The metrics of the whole server: what every process counted, and what the store holds now.

Each process adds its counts to the store every 30 seconds (``workers/measure_targets.py``), so any web door tells of
all of them, and a restart sets nothing back.
"""

from collections.abc import Mapping

import msgspec
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from fanfare.doors.web.access import needs
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.health import overdue_seconds
from fanfare.model.instant import EPOCH
from fanfare.ports.api_keys import Scope
from fanfare.telemetry import COUNTERS, GAUGES, HISTOGRAMS, PREFIX
from fanfare.topology import World

STATES_KEY = "metrics:states"
STATES_KEPT_SECONDS = 60
"""Counting all rows by state reads the whole table: 0.4 s for a million of them."""

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse, dependencies=[needs(Scope.METRICS_READ, or_loopback=True)])
async def metrics(door: OpenDoor) -> Response:
    """Return the metrics of every process in Prometheus's text form."""
    return Response(await door.ask(_page), media_type=CONTENT_TYPE_LATEST)


class _Page(Collector):
    def __init__(self, families: tuple[Metric, ...]) -> None:
        self._families = families

    def collect(self) -> tuple[Metric, ...]:
        return self._families


def _page(world: World) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Page(families(world.measures.counted(EPOCH), measured(world))))
    return generate_latest(registry)


def measured(world: World) -> Mapping[str, Mapping[str, float]]:
    """Return the gauges: name -> value of its label -> value; the label of those without one is empty."""
    now = world.clock.now()
    not_reachable: dict[str, float] = {sender.name: 0 for sender in world.senders}
    for plan in world.plans.open(now):
        not_reachable[plan.sender] = not_reachable.get(plan.sender, 0) + plan.not_reachable
    return {
        "fanfare_notifications": _states(world),
        "fanfare_overdue_seconds": {"": overdue_seconds(world.notifications.next_wake_at(), now)},
        "fanfare_not_reachable_notifications": not_reachable,
        "fanfare_sending_paused": {"": float(world.switches.paused() is not None)},
        "fanfare_waiting_messages": world.queues.waiting(),
        "fanfare_kept_dead_letters": world.queues.buried(),
        "fanfare_unread_changes": world.changes.unread(),
    }


def _states(world: World) -> Mapping[str, int]:
    now = world.clock.now()
    found = world.cache.get(STATES_KEY, now)
    if found is None:
        by_state = world.notifications.totals(None).by_state
        value = msgspec.json.encode(by_state)
        world.cache.put(STATES_KEY, value, now=now, fresh_seconds=STATES_KEPT_SECONDS, stale_seconds=0)
        return by_state
    return msgspec.json.decode(found[0], type=dict[str, int])


def families(counted: Mapping[str, float], gauges: Mapping[str, Mapping[str, float]]) -> tuple[Metric, ...]:
    """Return counts by path (``telemetry.counted``) and gauges as Prometheus's families.

    A path that no family explains was left by another version, and is passed over.
    """
    return (
        *(_counter(name, *about, _under(name, counted)) for name, about in COUNTERS.items()),
        *(_histogram(name, *about, _under(name, counted)) for name, about in HISTOGRAMS.items()),
        *(_gauge(name, *about, gauges.get(name, {})) for name, about in GAUGES.items()),
    )


def _under(name: str, counted: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Return the counts of one family by what follows its name in their paths."""
    paths = {tuple(path.split("/")): value for path, value in counted.items()}
    return {parts[1:]: value for parts, value in paths.items() if parts[0] == name.removeprefix(PREFIX)}


def _counter(name: str, says: str, marks: tuple[str, ...], counts: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(name, says, labels=marks)
    for values, count in sorted(counts.items()):
        if len(values) == len(marks):
            family.add_metric(values, count)
    return family


def _histogram(name: str, says: str, marks: tuple[str, ...], counts: Mapping[tuple[str, ...], float]) -> Metric:
    family = HistogramMetricFamily(name, says, labels=marks)
    for values in sorted({parts[:-1] for parts in counts if len(parts) == len(marks) + 1}):
        ends = {parts[-1]: count for parts, count in counts.items() if parts[:-1] == values}
        buckets = sorted((float(end[3:]), count) for end, count in ends.items() if end.startswith("le:"))
        family.add_metric(values, [(_bound(limit), count) for limit, count in buckets], ends.get("sum"))
    return family


def _bound(limit: float) -> str:
    return "+Inf" if limit == float("inf") else str(limit)


def _gauge(name: str, says: str, marks: tuple[str, ...], values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=marks)
    for name_of, value in sorted(values.items()):
        family.add_metric((name_of,) if marks else (), value)
    return family
