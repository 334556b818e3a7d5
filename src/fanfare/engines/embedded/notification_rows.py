"""How stored notifications become the columns and records of the port."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import itemgetter
from typing import Any

from fanfare.engines.embedded.database import Database, Row, Tx, integers, strings
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef, NotificationId
from fanfare.model.instant import from_ms
from fanfare.model.notification import MessageKind, Notification, Occasion, OccasionKind, Reason, State
from fanfare.ports.notifications import DueRows, ReportedRows

DUE_COLUMNS = len(fields(DueRows))
ABSENT = (None, 0, "", None, 0, 0, None, None, None)
"""A reported row that is not known."""

_COLUMNS = statement("notifications.columns")
_GET = statement("notifications.get")
_ACCEPTANCES = statement("notifications.reported/acceptances")
_REPORTED = statement("notifications.reported")


def due_rows(tx: Tx, ids: Sequence[int]) -> DueRows:
    """Return the columns of the rows, in the order of the ids."""
    rows = tx.rows(_COLUMNS, (integers(ids),)) if ids else []
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * DUE_COLUMNS
    columns[-1] = tuple(map(bool, columns[-1]))
    return DueRows(*columns)


def notifications(database: Database, ids: Sequence[int]) -> tuple[Notification, ...]:
    """Return the rows as records, in the order of the ids."""
    if not ids:
        return ()
    return tuple(_notification(row) for row in database.rows(_GET, (integers(ids),)))


def reported_rows(tx: Tx, references: Sequence[tuple[int, int] | str]) -> ReportedRows:
    """Return the rows that reports name, in the order of the references."""
    attempts = _attempts(tx, references)
    ids = sorted({found[0] for found in attempts if found})
    rows: Iterable[Row] = tx.rows(_REPORTED, (integers(ids),)) if ids else ()
    known = {row[0]: row for row in rows}
    answers = [_reported(known.get(found[0]), found[1]) if found else ABSENT for found in attempts]
    columns: Iterable[tuple[Any, ...]] = zip(*answers, strict=True) if answers else ((),) * len(ABSENT)
    return ReportedRows(*columns)


def _attempts(tx: Tx, references: Sequence[tuple[int, int] | str]) -> list[tuple[int, int] | None]:
    provider_ids = sorted({reference for reference in references if isinstance(reference, str)})
    rows: Iterable[Row] = tx.rows(_ACCEPTANCES, (strings(provider_ids),)) if provider_ids else ()
    accepted: dict[str, tuple[int, int]] = {row[0]: (row[1], row[2]) for row in rows}
    return [accepted.get(reference) if isinstance(reference, str) else reference for reference in references]


def _reported(row: Row | None, attempt: int) -> Row:
    if row is None:
        return ABSENT
    key, version, state, reason, attempts, cut_off_ms, address_hash, channel = row
    return key, version, state, reason, attempts, attempt, cut_off_ms, address_hash, channel


def earliest(rows: Iterable[Row], limit: int) -> list[int]:
    """Return the ids of (id, wake_ms) rows by their wake-up instant, up to a limit."""
    return [row[0] for row in sorted(rows, key=itemgetter(1, 0))[:limit]]


def _notification(row: Row) -> Notification:
    return Notification(
        notification_id=NotificationId(row[0]),
        occasion=Occasion(kind=OccasionKind(row[1]), name=row[2]),
        fan_ref=FanRef(row[3]),
        channel=Channel(row[4]),
        kind=MessageKind(row[5]),
        brand=row[6],
        sender=row[7],
        state=State(row[8]),
        reason=Reason(row[9]) if row[9] else None,
        attempts=row[10],
        late=bool(row[11]),
        send_at=maybe_at(row[12]),
        wake_at=maybe_at(row[13]),
        cut_off_at=maybe_at(row[14]),
        sale_revision=row[15],
        text_hash=row[16],
        provider_id=row[17],
        provider_code=row[18],
        created_at=from_ms(row[19]),
        triggered_at=maybe_at(row[20]),
        queued_at=maybe_at(row[21]),
        sent_at=maybe_at(row[22]),
        ended_at=maybe_at(row[23]),
        resent=bool(row[24]),
        version=row[25],
    )
