"""What webhooks leave for a worker. The words and addresses of inbound texts are sealed before they are stored."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fanfare.engines.embedded.database import Database, Row, strings
from fanfare.engines.embedded.sql import statement
from fanfare.model.instant import to_ms
from fanfare.model.report import InboundText, Report
from fanfare.ports.vault import Vault

REPORT, TEXT = 0, 1

_LEAVE = statement("inbox.leave")
_TAKE = statement("inbox.take")
_DONE = statement("inbox.done")
_PARK = statement("inbox.park")
_PARKED = statement("inbox.parked")
_UNPARK = statement("inbox.unpark")
_DROP_PARKED = statement("inbox.drop_parked_before")


class Inbox:
    """The inbox of one store."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Keep it in this file; the vault seals what fans wrote."""
        self._database = database
        self._vault = vault

    def leave_reports(self, reports: Sequence[Report]) -> None:
        """Store reports; a double that still waits is stored once."""
        self._leave([(f"report|{_identity(report)}", REPORT, msgspec.json.encode(report)) for report in reports])

    def leave_texts(self, texts: Sequence[InboundText]) -> None:
        """Store inbound texts, sealed; a double that still waits is stored once."""
        self._leave([(f"text|{text.provider_id}", TEXT, self._seal(text)) for text in texts])

    def take_reports(self, limit: int) -> tuple[int, tuple[Report, ...]]:
        """Return the oldest reports and the number to acknowledge them by, 0 when there is none."""
        rows = self._database.rows(_TAKE, (REPORT, limit))
        return _last(rows), tuple(_report(row[1]) for row in rows)

    def take_texts(self, limit: int) -> tuple[int, tuple[InboundText, ...]]:
        """Return the oldest texts and their number; one whose day key was destroyed meanwhile is left out."""
        rows = self._database.rows(_TAKE, (TEXT, limit))
        found = [self._open(row[1]) for row in rows]
        return _last(rows), tuple(text for text in found if text is not None)

    def done_reports(self, up_to: int) -> None:
        """Acknowledge the reports up to the number."""
        self._database.change(_DONE, (REPORT, up_to), durable=False)

    def done_texts(self, up_to: int) -> None:
        """Acknowledge the texts up to the number."""
        self._database.change(_DONE, (TEXT, up_to), durable=False)

    def park(self, reports: Sequence[Report]) -> None:
        """Keep reports whose row is not known yet."""
        rows = [(_identity(report), to_ms(report.at), msgspec.json.encode(report)) for report in reports]
        self._database.write(lambda tx: tx.run_many(_PARK, rows))

    def parked(self, limit: int) -> tuple[Report, ...]:
        """Return parked reports by their own instant, oldest first."""
        return tuple(_report(row[0]) for row in self._database.rows(_PARKED, (limit,)))

    def unpark(self, reports: Sequence[Report]) -> None:
        """Forget parked reports that were applied or grew too old."""
        if reports:
            self._database.change(_UNPARK, (strings(map(_identity, reports)),))

    def drop_parked_before(self, instant: datetime) -> int:
        """Forget parked reports older than the instant; return how many."""
        return self._database.change(_DROP_PARKED, (to_ms(instant),))

    def _leave(self, rows: Sequence[Row]) -> None:
        self._database.write(lambda tx: tx.run_many(_LEAVE, rows))

    def _seal(self, text: InboundText) -> bytes:
        return self._vault.seal_text(msgspec.json.encode(text).decode())

    def _open(self, sealed: bytes) -> InboundText | None:
        text = self._vault.open_text(sealed)
        return None if text is None else msgspec.json.decode(text, type=InboundText)


def _last(rows: Sequence[Row]) -> int:
    return int(rows[-1][0]) if rows else 0


def _identity(report: Report) -> str:
    """Return what makes two reports one: who said what of which attempt."""
    return f"{report.provider}|{report.provider_id}|{report.token}|{report.status}|{report.code}"


def _report(body: bytes) -> Report:
    return msgspec.json.decode(body, type=Report)
