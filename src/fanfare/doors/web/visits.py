"""One request on its way through the web door: who asks, under which name, and what is left of their quota."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast

from starlette.types import Scope

from fanfare.doors.web.quotas import Allowance
from fanfare.ports.api_keys import ApiKey

PLACE = "fanfare.visit"
"""Where a visit travels in the request's ASGI scope."""


@dataclass(slots=True)
class Visit:
    """Filled while the request goes on."""

    request_id: str
    peer: str
    """Address of whoever is connected. Forwarding headers are never believed."""
    is_forwarded: bool = False
    """Whether a header says that somebody else stands behind the peer."""
    key: ApiKey | None = None
    allowance: Allowance | None = None

    @property
    def is_local(self) -> bool:
        """Whether the caller runs on this machine and is no proxy for somebody else."""
        try:
            return ip_address(self.peer).is_loopback and not self.is_forwarded
        except ValueError:
            return False

    @classmethod
    def of(cls, scope: Scope) -> "Visit":
        """Return the visit of a request."""
        return cast("Visit", scope.get(PLACE) or cls(request_id="none", peer=""))
