"""Demand: a fan's wish to be told, with the consent that allows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanfare.model.channel import Channel, Locale
from fanfare.model.ids import AddressHash, EventId, FanId, FanRef, SaleId


class ConsentSource(StrEnum):
    """Where a consent was given. Only ``door`` is our own sign-up."""

    DOOR = "door"
    IMPORT = "import"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Proof that a fan agreed to be written to: who, when, to which words, from where."""

    at: datetime
    text_id: str
    """Names the exact wording that the fan saw."""
    source: str
    """The page, shop or file it came from, as the caller names it."""
    intake: ConsentSource = ConsentSource.IMPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRequest:
    """An opt-in as it arrives, checked and normalised, its address still in the clear.

    Lives in memory only, between a door and the vault.
    """

    fan_id: FanId
    event_id: EventId | None
    """Either an event or an attraction is named."""
    attraction_id: str | None
    sale_id: SaleId | None
    """Limits the demand to one sale; None means every sale of the event that is told."""
    channel: Channel
    address: str
    """E.164 phone number or normalised email address."""
    locale: Locale | None
    brand: str
    zone: str | None
    """IANA zone of the fan; None when unknown."""
    region: str | None
    """ISO 3166-2, ``US-CA``; None when unknown."""
    consent: Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A stored opt-in. The address is in the vault; here are only its hash and ciphertext."""

    fan_ref: FanRef
    fan_id: FanId
    event_id: EventId | None
    attraction_id: str | None
    sale_id: SaleId | None
    channel: Channel
    brand: str
    locale: Locale | None
    zone: str | None
    region: str | None
    consent: Consent
    address_hash: AddressHash
    address_sealed: bytes
    recorded_at: datetime
    """When Fanfare stored it; decides whether it belongs to a frozen audience."""
    active: bool = True
    version: int = 0

    @property
    def target(self) -> str:
        """What it is for, as lists of demands are named: ``event:<id>`` or ``attraction:<id>``."""
        return f"attraction:{self.attraction_id}" if self.event_id is None else f"event:{self.event_id}"
