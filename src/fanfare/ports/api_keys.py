"""Who may call the web door, and what for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """What a key may be used for."""

    DEMANDS_WRITE = "demands:write"
    DEMANDS_READ = "demands:read"
    EVENTS_WRITE = "events:write"
    EVENTS_READ = "events:read"
    SALES_WRITE = "sales:write"
    NOTIFICATIONS_READ = "notifications:read"
    WHY_READ = "why:read"
    ACCOUNTS_READ = "accounts:read"
    METRICS_READ = "metrics:read"
    ADMIN = "admin"
    """Everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key without its secret, which is shown once and stored nowhere."""

    key_id: str
    person: str
    """Who answers for it; where the caller is a fan's own app, the account id, which it may then read."""
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None

    def allows(self, scope: Scope) -> bool:
        """Whether the key may be used for the scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class ApiKeys(Protocol):
    """Secrets of 256 random bits, kept as their SHA-256: whoever reads the store cannot call the door."""

    def create(self, person: str, scopes: frozenset[Scope]) -> str:
        """Make a key; return its secret ``fanfare_<key id>_<43 characters>``, the only time that it can be read.

        Raises:
            Permanent: no person, or no scope.
        """
        ...

    def check(self, secret: str) -> ApiKey | None:
        """Return the live key of a secret; None for one that is unknown, mangled or revoked."""
        ...

    def revoke(self, key_id: str) -> bool:
        """End a key at once; tell whether it was live. Durable when this returns."""
        ...

    def list(self) -> tuple[ApiKey, ...]:
        """Return every key, revoked ones too, oldest first."""
        ...
