"""Importing events at a door: stored in batches, and every event of the input is in the report.

Each has a scheduled sale, or stands there with its reason. Every door gives the same answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fanfare import runner
from fanfare.model.event import Event
from fanfare.model.offer import SourceEvent
from fanfare.model.sale import Sale, SaleStatus
from fanfare.topology import World, event_store

BATCH_MAX = 100
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """A sale that nobody is reminded of, and why."""

    event_id: str
    event: str
    sale_id: str
    kind: str
    name: str
    """The presale's name; empty for the public sale."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An event that could not be read."""

    place: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """The answer of an import. A sale that is both unscheduled and suppressed stands in both lists."""

    events: int
    """Events that are stored now, each counted once."""
    sales: dict[str, int]
    """Their sales by kind, unscheduled and suppressed ones included."""
    unscheduled: tuple[Unheard, ...]
    suppressed: tuple[Unheard, ...]
    rejected: tuple[Rejected, ...]


def batches(sources: Sequence[SourceEvent]) -> Iterator[list[SourceEvent]]:
    """Cut into batches that hold no event twice: the second one must see what the first one stored."""
    batch: dict[str, SourceEvent] = {}
    for source in sources:
        if source.event.event_id in batch or len(batch) == BATCH_MAX:
            yield list(batch.values())
            batch = {}
        batch[source.event.event_id] = source
    if batch:
        yield list(batch.values())


def store(batch: Sequence[SourceEvent], world: World) -> list[tuple[Event, tuple[Sale, ...]]]:
    """Store events; another writer's conflict is met by reading again. Returns each with its sales as they stand now.

    Raises:
        Transient, Permanent: of an event that could not be stored; the others of the batch are.
    """
    for failure in runner.run_batch(event_store(world), batch):
        raise failure.fault
    return [(source.event, world.sales.of_event(source.event.event_id)) for source in batch]


def compose(stored: Iterable[tuple[Event, Iterable[Sale]]], rejected: Iterable[Rejected]) -> EventReport:
    """Return the report of events as they are stored now; of an event given twice the last counts."""
    sales_of = {event.event_id: (event, tuple(sales)) for event, sales in stored}
    pairs = [(event, sale) for event, sales in sales_of.values() for sale in sales]
    return EventReport(
        events=len(sales_of),
        sales=dict(sorted(Counter(sale.kind.value for _, sale in pairs).items())),
        unscheduled=tuple(_unheard(event, sale, why) for event, sale in pairs if (why := _why_unscheduled(sale))),
        suppressed=tuple(_unheard(event, sale, sale.suppressed.value) for event, sale in pairs if sale.suppressed),
        rejected=tuple(rejected),
    )


def _why_unscheduled(sale: Sale) -> str | None:
    if sale.status is SaleStatus.CANCELLED:
        return CANCELLED
    return sale.unscheduled.value if sale.unscheduled else None


def _unheard(event: Event, sale: Sale, reason: str) -> Unheard:
    return Unheard(
        event_id=event.event_id,
        event=event.name,
        sale_id=sale.sale_id,
        kind=sale.kind.value,
        name=sale.name,
        reason=reason,
    )
