"""Where demand and the contacts behind it are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.channel import Channel
from fanfare.model.demand import Demand
from fanfare.model.ids import AddressHash, FanId, FanRef


@dataclass(frozen=True, slots=True)
class DemandPage:
    """One page of an audience as columns; every tuple has the same length.

    Only active demands whose fan accepts the channel for the brand are in it.
    """

    contact_ids: tuple[int, ...]
    """Opaque names of the address a demand goes to, given back to ``Notifications.put``."""
    fan_refs: tuple[FanRef, ...]
    channels: tuple[str, ...]
    brands: tuple[str, ...]
    sale_ids: tuple[str | None, ...]
    locales: tuple[str | None, ...]
    zones: tuple[str | None, ...]
    regions: tuple[str | None, ...]
    phone_zones: tuple[str, ...]
    """IANA zones that the phone's prefix allows, comma separated; empty when unknown."""
    address_hashes: tuple[AddressHash, ...]
    recorded_ms: tuple[int, ...]
    """When each was stored, epoch milliseconds."""
    next_after: int | None
    """Where the next page begins; None at the end."""


class Demands(Protocol):
    """Identity of a demand: (fan, event or attraction, sale, brand, channel). The last write wins."""

    def put(self, demands: Sequence[Demand], phone_zones: Sequence[str]) -> tuple[bool, ...]:
        """Store up to 5,000 demands with their contacts; tell of each whether it changed anything.

        A demand equal to the stored one changes nothing. A withdrawn one is revived only by a later consent.
        """
        ...

    def fan_refs(self, fan_ids: Sequence[FanId]) -> dict[FanId, FanRef]:
        """Return the refs of the fans that are known; at most 5,000."""
        ...

    def adopt(self, fan_ids: Sequence[FanId], fresh: Sequence[FanRef]) -> tuple[FanRef, ...]:
        """Return each fan's ref, giving the fresh one to those not known yet (put if absent)."""
        ...

    def holders(self, channel: Channel, address_hash: AddressHash) -> tuple[FanRef, ...]:
        """Return the fans who gave this address, oldest first."""
        ...

    def put_contact(
        self,
        fan_ref: FanRef,
        channel: Channel,
        address_hash: AddressHash,
        sealed: bytes,
        *,
        phone_zones: str,
        zone: str | None,
        region: str | None,
    ) -> int:
        """Put an address of a fan without any demand, if absent; return its contact id."""
        ...

    def contact_of(self, fan_ref: FanRef, channel: Channel) -> int | None:
        """Return the newest contact of the fan on the channel."""
        ...

    def page(self, target: str, *, after: int | None, limit: int, shard: int = 0, shards: int = 1) -> DemandPage:
        """Return active demands for a target (``event:<id>`` or ``attraction:<id>``), in the order of fan refs.

        ``after`` is the former page's ``next_after``. A shard holds the fans with ``fan_ref % shards == shard``.
        A fan is never split over two pages.
        """
        ...

    def page_of_fan(self, target: str, fan_ref: FanRef) -> DemandPage:
        """Return one fan's active demands for a target."""
        ...

    def count(self, target: str) -> dict[tuple[str, str], int]:
        """Return how many active demands the target has by (brand, channel); may lag by seconds."""
        ...

    def of_fan(self, fan_ref: FanRef) -> tuple[Demand, ...]:
        """Return every demand of a fan, withdrawn ones too."""
        ...

    def withdraw(
        self, fan_ref: FanRef, *, at: datetime, target: str | None, brand: str | None, channel: Channel | None
    ) -> int:
        """Make the fan's demands that match inactive; None matches all. Returns how many changed."""
        ...

    def disown(self, fan_ref: FanRef) -> None:
        """Cut the tie between a forgotten fan's ref and the fan id, so that a new opt-in begins anew."""
        ...

    def prefer(self, fan_ref: FanRef, brand: str, channels: frozenset[Channel]) -> None:
        """Record which channels the fan accepts for the brand; without a record every demanded one is accepted."""
        ...

    def preferences(self, fan_ref: FanRef) -> dict[str, frozenset[Channel]]:
        """Return the recorded preferences by brand."""
        ...
