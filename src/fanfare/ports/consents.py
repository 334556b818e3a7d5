"""The consent ledger: append-only and hash-chained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash, FanRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """One act of consent or its withdrawal, without any address in the clear."""

    fan_ref: FanRef | None
    channel: Channel
    brand: str
    address_hash: AddressHash
    act: str
    """``opt_in``, ``opt_out`` or ``start``."""
    at: datetime
    text_id: str | None
    """Of an ``opt_in`` the words agreed to; of a ``start`` the provider's id of the fan's own text."""
    source: str
    locale: str | None


class Consents(Protocol):
    """Each entry carries the hash of the one before it, so that a removed or altered entry shows."""

    def append(self, entries: Sequence[ConsentEntry]) -> None:
        """Append in order; durable when this returns."""
        ...

    def of_address(self, channel: Channel, address_hash: AddressHash) -> tuple[ConsentEntry, ...]:
        """Return what was recorded for an address, oldest first."""
        ...

    def verify(self) -> int | None:
        """Walk the chain; return the sequence number of the first entry that does not fit, None if all do."""
        ...
