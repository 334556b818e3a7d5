"""Sales: the on-sale calendar."""

from datetime import datetime

import msgspec

from fanfare.engines.embedded import changes
from fanfare.engines.embedded.database import Database, Row, Tx
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.change import RecordType
from fanfare.model.ids import EventId, SaleId
from fanfare.model.instant import maybe_ms, to_ms
from fanfare.model.sale import Sale, SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Conflict

_GET = statement("sales.get")
_OF_EVENT = statement("sales.of_event")
_PUT = statement("sales.put")
_SENDING_BETWEEN = statement("sales.sending_between")
_OPENING_AFTER = statement("sales.opening_after")


class Sales:
    """The sales of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in this file; changes are dated by the clock."""
        self._database = database
        self._clock = clock

    def get(self, sale_id: SaleId) -> Sale | None:
        """Return the sale, if known."""
        row = self._database.row(_GET, (sale_id,))
        return _sale(row) if row else None

    def of_event(self, event_id: EventId) -> tuple[Sale, ...]:
        """Return the event's sales in the order of their ids."""
        return self._sales(_OF_EVENT, (event_id,))

    def put(self, sale: Sale) -> None:
        """Store the sale over the version before it; Conflict when that is not the stored one."""
        at_ms = to_ms(self._clock.now())
        self._database.write(lambda tx: _put(tx, sale, at_ms))

    def sending_between(self, from_at: datetime, until_at: datetime) -> tuple[Sale, ...]:
        """Return notifiable sales by their ``send_at``, half-open."""
        return self._sales(_SENDING_BETWEEN, (to_ms(from_at), to_ms(until_at)))

    def opening_after(self, instant: datetime, limit: int) -> tuple[Sale, ...]:
        """Return sales by their start."""
        return self._sales(_OPENING_AFTER, (to_ms(instant), limit))

    def _sales(self, sql: str, bindings: tuple[str | int, ...]) -> tuple[Sale, ...]:
        return tuple(_sale(row) for row in self._database.rows(sql, bindings))


def _put(tx: Tx, sale: Sale, at_ms: int) -> None:
    stored = tx.rows(_GET, (sale.sale_id,))
    old = _sale(stored[0]) if stored else None
    version = old.version if old else 0
    if version != sale.version - 1:
        raise Conflict(f"sale {sale.sale_id} has version {version}, not {sale.version - 1}")
    tx.run(_PUT, _row(sale))
    changes.append(
        tx, RecordType.SALE, key=sale.sale_id, version=sale.version,
        states=(old.status if old else None, sale.status), at_ms=at_ms, image=msgspec.json.encode(sale),
    )  # fmt: skip


def _row(sale: Sale) -> Row:
    return (
        sale.sale_id,
        sale.event_id,
        sale.kind,
        sale.name,
        sale.status,
        maybe_ms(sale.starts_at),
        maybe_ms(sale.ends_at),
        sale.unscheduled,
        sale.suppressed,
        maybe_ms(sale.send_at),
        sale.revision,
        maybe_ms(sale.frozen_at),
        sale.version,
    )


def _sale(row: Row) -> Sale:
    return Sale(
        sale_id=SaleId(row[0]),
        event_id=EventId(row[1]),
        kind=SaleKind(row[2]),
        name=row[3],
        status=SaleStatus(row[4]),
        starts_at=maybe_at(row[5]),
        ends_at=maybe_at(row[6]),
        unscheduled=UnscheduledReason(row[7]) if row[7] else None,
        suppressed=SuppressionReason(row[8]) if row[8] else None,
        send_at=maybe_at(row[9]),
        revision=row[10],
        frozen_at=maybe_at(row[11]),
        version=row[12],
    )
