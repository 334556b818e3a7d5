"""Release plans: one row per sale and sender."""

from datetime import datetime

from fanfare.engines.embedded.database import Database, Row
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.ids import SaleId, SenderName
from fanfare.model.instant import from_ms, maybe_ms, to_ms
from fanfare.ports.plans import ReleasePlan

_PUT = statement("plans.put")
_OF_SALE = statement("plans.of_sale")
_OPEN = statement("plans.open")


class Plans:
    """The plans of one store."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def put(self, plan: ReleasePlan) -> None:
        """Store or replace the plan."""
        row = (
            plan.sale_id,
            plan.sender,
            to_ms(plan.opens_at),
            plan.revision,
            to_ms(plan.release_at),
            plan.segments,
            maybe_ms(plan.forecast_finish_at),
            plan.not_reachable,
            to_ms(plan.planned_at),
        )
        self._database.change(_PUT, row)

    def of_sale(self, sale_id: SaleId) -> tuple[ReleasePlan, ...]:
        """Return the sale's plans by sender."""
        return tuple(_plan(row) for row in self._database.rows(_OF_SALE, (sale_id,)))

    def open(self, now: datetime) -> tuple[ReleasePlan, ...]:
        """Return the plans of sales that have not opened yet, the next to open first."""
        return tuple(_plan(row) for row in self._database.rows(_OPEN, (to_ms(now),)))


def _plan(row: Row) -> ReleasePlan:
    return ReleasePlan(
        sale_id=SaleId(row[0]),
        sender=SenderName(row[1]),
        opens_at=from_ms(row[2]),
        revision=row[3],
        release_at=from_ms(row[4]),
        segments=row[5],
        forecast_finish_at=maybe_at(row[6]),
        not_reachable=row[7],
        planned_at=from_ms(row[8]),
    )
