"""What webhooks leave for a worker: written before the answer, applied in batches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from fanfare.model.report import InboundText, Report


class Inbox(Protocol):
    """Keeps ids, status, code and time; words and addresses of inbound texts are sealed."""

    def leave_reports(self, reports: Sequence[Report]) -> None:
        """Store reports; a double is stored once. Durable when this returns."""
        ...

    def leave_texts(self, texts: Sequence[InboundText]) -> None:
        """Store inbound texts; a double is stored once. Durable when this returns."""
        ...

    def take_reports(self, limit: int) -> tuple[int, tuple[Report, ...]]:
        """Return the oldest reports and the number to acknowledge them by; they stay until then."""
        ...

    def take_texts(self, limit: int) -> tuple[int, tuple[InboundText, ...]]:
        """Return the oldest inbound texts and the number to acknowledge them by; they stay until then."""
        ...

    def done_reports(self, up_to: int) -> None:
        """Acknowledge the reports up to the number."""
        ...

    def done_texts(self, up_to: int) -> None:
        """Acknowledge the texts up to the number."""
        ...

    def park(self, reports: Sequence[Report]) -> None:
        """Keep reports whose row is not known yet."""
        ...

    def parked(self, limit: int) -> tuple[Report, ...]:
        """Return parked reports, oldest first; they stay until ``unpark``."""
        ...

    def unpark(self, reports: Sequence[Report]) -> None:
        """Forget parked reports that were applied or grew too old."""
        ...

    def drop_parked_before(self, instant: datetime) -> int:
        """Forget parked reports older than the instant; return how many."""
        ...
