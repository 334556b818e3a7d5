"""A change: what one commit did to one record, as the change log carries it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RecordType(StrEnum):
    """Kinds of record that the change log follows."""

    EVENT = "event"
    SALE = "sale"
    DEMAND = "demand"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version of one record. *Before* is the same key's previous version."""

    sequence: int
    """Place in the log, rising; gaps mean nothing."""
    record_type: RecordType
    key: str
    version: int
    old_state: str | None
    """None when the record is new."""
    new_state: str | None
    at: datetime
    image: bytes
    """The record after the change, JSON."""
