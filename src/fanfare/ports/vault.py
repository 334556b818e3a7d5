"""Where contact data is sealed, hashed and destroyed, and where our ids are signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.ids import AddressHash, FanRef
from fanfare.model.report import AttemptRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureCertificate:
    """Proof that a fan's key is gone."""

    fan_ref: FanRef
    destroyed_at: datetime
    backups_end_at: datetime
    """When the last backup that could hold the key has been deleted."""


class Vault(Protocol):
    """One data key per fan, wrapped by a store key that lives outside the data directory."""

    def hash(self, addresses: Sequence[str]) -> tuple[AddressHash, ...]:
        """Return the keyed hash of each normalised address."""
        ...

    def seal(self, fan_refs: Sequence[FanRef], addresses: Sequence[str]) -> tuple[bytes, ...]:
        """Encrypt each address under its fan's key, making keys that do not exist yet.

        Raises:
            Permanent: a fan was forgotten; a new ref has to be drawn for them.
        """
        ...

    def open(self, fan_refs: Sequence[FanRef], sealed: Sequence[bytes]) -> tuple[str | None, ...]:
        """Decrypt each address; None where the fan's key was destroyed."""
        ...

    def forget(self, fan_ref: FanRef) -> ErasureCertificate:
        """Destroy the fan's key. Repeating it returns the same certificate."""
        ...

    def seal_text(self, text: str) -> bytes:
        """Encrypt a text under the key of the day, which is destroyed after 30 days (inbound words, quarantine)."""
        ...

    def open_text(self, sealed: bytes) -> str | None:
        """Decrypt such a text; None once its key is gone."""
        ...

    def callback_tokens(self, ids: Sequence[int], attempts: Sequence[int]) -> tuple[str, ...]:
        """Return an unforgeable name of each attempt for a callback address: 22 URL-safe characters."""
        ...

    def read_callback_tokens(self, tokens: Sequence[str]) -> tuple[AttemptRef | None, ...]:
        """Return the attempt behind each token, None for a forged or mangled one."""
        ...

    def sign_fan(self, fan_ref: FanRef, purpose: str) -> str:
        """Return an unforgeable link token for a fan and a purpose (``unsubscribe:<brand>``)."""
        ...

    def read_fan(self, token: str) -> tuple[FanRef, str] | None:
        """Return the fan and the purpose behind a link token; None for a forged one."""
        ...
