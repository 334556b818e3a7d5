"""Where sales are kept."""

from datetime import datetime
from typing import Protocol

from fanfare.model.ids import EventId, SaleId
from fanfare.model.sale import Sale


class Sales(Protocol):
    """One row per sale, written under its version: the on-sale calendar."""

    def get(self, sale_id: SaleId) -> Sale | None:
        """Return the sale, if known."""
        ...

    def of_event(self, event_id: EventId) -> tuple[Sale, ...]:
        """Return the event's sales in the order of their ids."""
        ...

    def put(self, sale: Sale) -> None:
        """Store the sale if the stored version is one less than its own.

        Raises:
            Conflict: somebody stored another version first.
        """
        ...

    def sending_between(self, from_at: datetime, until_at: datetime) -> tuple[Sale, ...]:
        """Return the notifiable sales with ``from_at <= send_at < until_at``, earliest first."""
        ...

    def opening_after(self, instant: datetime, limit: int) -> tuple[Sale, ...]:
        """Return the sales that open after the instant, whatever their status, earliest first."""
        ...
