"""What planning decided for each sale and sender."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.ids import SaleId, SenderName


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """When the rows of one sale begin to leave on one sender, and how far they will get."""

    sale_id: SaleId
    sender: SenderName
    opens_at: datetime
    revision: int
    release_at: datetime
    segments: int
    forecast_finish_at: datetime | None
    not_reachable: int
    """Rows that the rate cannot carry before the opening, as told at planning."""
    planned_at: datetime


class Plans(Protocol):
    """One row per sale and sender; the last write wins."""

    def put(self, plan: ReleasePlan) -> None:
        """Store or replace the plan."""
        ...

    def of_sale(self, sale_id: SaleId) -> tuple[ReleasePlan, ...]:
        """Return the sale's plans by sender."""
        ...

    def open(self, now: datetime) -> tuple[ReleasePlan, ...]:
        """Return the plans of sales that have not opened yet."""
        ...
