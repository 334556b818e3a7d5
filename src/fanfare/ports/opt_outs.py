"""Where opt-outs are kept: by keyed hash of the address, so that they survive the fan's erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash

EVERY_BRAND = "*"
"""Scope of an opt-out that binds all brands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """An address that is not to be written to, or was allowed again."""

    address_hash: AddressHash
    channel: Channel
    scope: str
    """A brand, or ``EVERY_BRAND``."""
    active: bool
    at: datetime
    source: str
    """Where the word was given: ``sms_keyword``, ``provider``, ``unsubscribe``, ``api``, ``start`` and the like."""


class OptOuts(Protocol):
    """The last recorded word for (address, channel, scope) holds."""

    def record(self, opt_outs: Sequence[OptOut]) -> None:
        """Store each; an older instant never replaces a newer one. Durable when this returns."""
        ...

    def of(self, channel: Channel, address_hashes: Sequence[AddressHash]) -> dict[AddressHash, frozenset[str]]:
        """Return the active scopes of those addresses that opted out."""
        ...
