"""Explain why a fan was, or was not, told of a sale, and account for every row of one (``fanfare why``, /v1/why).

Arrives: a fan's id and a sale's id, or a sale's id alone. Leaves: nothing; it only reads. May fail: Permanent for the
totals of a sale that nobody knows.
Original name: none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fanfare.model.channel import Channel
from fanfare.model.demand import Demand
from fanfare.model.ids import FanId, FanRef, SaleId
from fanfare.model.notification import ENDS, Notification, Reason, State
from fanfare.model.sale import Sale
from fanfare.ports.clock import Clock
from fanfare.ports.demands import Demands
from fanfare.ports.events import Events
from fanfare.ports.faults import Permanent
from fanfare.ports.notifications import Notifications, Totals
from fanfare.ports.sales import Sales
from fanfare.ports.switches import Switches
from fanfare.rules import audiences, why
from fanfare.rules.why import Answer, Facts

NO_PREFERENCES: Mapping[str, frozenset[Channel]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowExplained:
    """One row of the fan for the sale, and what the operator is told of it."""

    row: Notification
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The one reason, and the rows behind it."""

    fan_id: FanId
    sale_id: SaleId
    answer: Answer
    rows: tuple[RowExplained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsExplanation:
    """Every row of a sale, accounted for: rows = frozen + late = ends + in flight, by state and by reason alike."""

    sale_id: SaleId
    rows: int
    frozen: int
    """Rows of the audience that was frozen when generation began."""
    late: int
    """Rows of fans who opted in afterwards."""
    ends: int
    in_flight: int
    accepted: int
    """Rows that a provider took at least once."""
    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    """``none`` counts the rows without a reason."""

    @property
    def adds_up(self) -> bool:
        """Whether every sum gives the same number of rows, and none is negative."""
        sums = {self.frozen + self.late, self.ends + self.in_flight, sum(self.by_reason.values())}
        return sums == {self.rows} and min(self.frozen, self.in_flight) >= 0


def explain(
    fan_id: FanId,
    sale_id: SaleId,
    *,
    sales: Sales,
    events: Events,
    demands: Demands,
    notifications: Notifications,
    switches: Switches,
    clock: Clock,
) -> Explanation:
    """Return why the fan was told of the sale, or was not."""
    sale = sales.get(sale_id)
    fan_ref = demands.fan_refs([fan_id]).get(fan_id)

    rows = notifications.of_sale_fan(sale_id, fan_ref) if fan_ref is not None else ()
    facts = Facts(
        now=clock.now(),
        sale=sale,
        is_fan_known=fan_ref is not None,
        demands=_demands(fan_ref, sale, demands, events),
        rows=rows,
        preferences=demands.preferences(fan_ref) if fan_ref is not None else NO_PREFERENCES,
        paused=switches.paused(),
    )

    told = tuple(RowExplained(row=row, words=why.words_of_row(row, facts)) for row in rows)
    return Explanation(fan_id=fan_id, sale_id=sale_id, answer=why.decide(facts), rows=told)


def totals(sale_id: SaleId, *, sales: Sales, notifications: Notifications) -> TotalsExplanation:
    """Return where every row of the sale stands.

    Raises:
        Permanent: there is no such sale.
    """
    if sales.get(sale_id) is None:
        raise Permanent(f"there is no sale {sale_id}; check the id, or import its event first")
    counted = notifications.totals(sale_id)
    rows, ends = sum(counted.by_state.values()), _ends(counted)
    return TotalsExplanation(
        sale_id=sale_id,
        rows=rows,
        frozen=rows - counted.late,
        late=counted.late,
        ends=ends,
        in_flight=rows - ends,
        accepted=counted.accepted,
        by_state=counted.by_state,
        by_reason=counted.by_reason,
    )


def _demands(fan_ref: FanRef | None, sale: Sale | None, demands: Demands, events: Events) -> tuple[Demand, ...]:
    if fan_ref is None or sale is None:
        return ()
    targets = audiences.targets(sale, events.get([sale.event_id]).get(sale.event_id))
    return tuple(demand for demand in demands.of_fan(fan_ref) if demand.target in targets)


def _ends(counted: Totals) -> int:
    """Count the ends. SENT rests in one only when its report never came."""
    ended = sum(count for state, count in counted.by_state.items() if State(state) in ENDS)
    return ended + counted.by_reason.get(Reason.NO_REPORT, 0)
