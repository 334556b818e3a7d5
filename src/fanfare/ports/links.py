"""Short links: our own redirector's table, and whoever else makes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fanfare.model.ids import EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One short link of ours."""

    code: str
    event_id: EventId
    target_url: str
    clicks: int = 0


class Redirects(Protocol):
    """Codes and where they lead. Targets come from event records only: no open redirect."""

    def put(self, code: str, event_id: EventId, target_url: str) -> None:
        """Store a code or its new target; a code never changes its event.

        Raises:
            Conflict: the code belongs to another event.
        """
        ...

    def get(self, code: str) -> Redirect | None:
        """Return the redirect of a code."""
        ...

    def clicked(self, code: str, at: datetime) -> None:
        """Count one click by a person."""
        ...

    def clicks(self, event_id: EventId) -> int:
        """Return the clicks on an event's links."""
        ...


class Shortener(Protocol):
    """Makes short links. Idempotent: one address always gets the same link."""

    def shorten(self, event_id: EventId, url: str) -> str:
        """Return a short https link to the address.

        Raises:
            Transient: over quota for now, or out of reach.
            Permanent: the address is refused, or the plan's limit is used up until the month ends.
        """
        ...
