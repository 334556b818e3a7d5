"""How a fan is reached, in which words, and for which brand."""

from dataclasses import dataclass
from enum import StrEnum

from fanfare.model.ids import SenderName


class Channel(StrEnum):
    """A contact method."""

    SMS = "sms"
    EMAIL = "email"


class Language(StrEnum):
    """What a fan reads and writes."""

    ENGLISH = "en"
    FRENCH = "fr"


class Locale(StrEnum):
    """A language and country that messages are written for (REQ-003)."""

    EN_US = "en-us"
    EN_CA = "en-ca"
    FR_CA = "fr-ca"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Who speaks to the fan."""

    key: str
    """Short lower-case name, as demands carry it: ``ticketmaster``."""
    name: str
    """The name that a message opens with."""
    contact_url: str
    """Page with who we are and how to reach us; never cut from texts to Canada (CASL)."""
    postal_address: str = ""
    """For the foot of an email (CAN-SPAM, CASL)."""
    sale_changed: bool = False
    """Whether fans who were told something now false get one correction."""
    resend_unknown: bool = False
    """Whether a send of unknown outcome may be repeated once, flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One number, pool or mailbox that messages leave from, with the rate its carrier allows."""

    name: SenderName
    channel: Channel
    brands: tuple[str, ...]
    address: str
    """What the provider calls it: ``From`` number, messaging service id, or mailbox."""
    rate_per_second: float
    """Segments (SMS) or messages (email) a second."""
    burst: int
    """How many tokens the bucket holds when full."""
    strip_english_accents: bool = False
    """Whether every accent is removed from English texts, not only what GSM-7 lacks."""

    def __post_init__(self) -> None:
        """Refuse a sender that could never send.

        Raises:
            ValueError: the rate or the burst is not positive.
        """
        if self.rate_per_second <= 0 or self.burst < 1:
            message = f"sender {self.name}: rate_per_second and burst must be positive"
            raise ValueError(message)
