"""Who may use which route. Every route declares it; a test walks them all."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.params import Depends as Declared
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from fanfare.doors.web.door import Door, OpenDoor
from fanfare.doors.web.problems import ProblemError
from fanfare.doors.web.visits import Visit
from fanfare.ports.api_keys import ApiKey, Scope

_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer fanfare_...`")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


class KeyNeeded:
    """The caller's key must be live, carry the scope, and have some of its quota left."""

    def __init__(self, scope: Scope | None, *, or_loopback: bool = False) -> None:
        """Take the scope; None lets any live key in, and the fields decide."""
        self.scope = scope
        self.or_loopback = or_loopback

    async def __call__(self, request: Request, door: OpenDoor, credentials: _Credentials) -> None:
        """Let the caller in and remember the key, or refuse."""
        visit = Visit.of(request.scope)
        if self.or_loopback and visit.is_local:
            return
        key = await live_key(door, credentials.credentials if credentials else "")
        if key is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "Give a live API key: 'Authorization: Bearer fanfare_...'.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        visit.key, visit.allowance = key, door.quotas.keys.spend(key.key_id)
        if self.scope is not None and not key.allows(self.scope):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                f"The key lacks the scope {self.scope}.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'},
            )
        if visit.allowance.is_spent:
            headers = {"Retry-After": str(visit.allowance.reset_seconds)}
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "The key's quota is used up; wait.", headers=headers)


class Open:
    """Open to everybody, for a reason."""

    def __init__(self, why: str) -> None:
        """Say why."""
        self.why = why

    async def __call__(self) -> None:
        """Let everybody in."""


Access = KeyNeeded | Open


def needs(scope: Scope, *, or_loopback: bool = False) -> Declared:
    """Declare that a route needs a key with the scope; or, where allowed, a caller on this very machine."""
    return _depends(KeyNeeded(scope, or_loopback=or_loopback))


def needs_any_key() -> Declared:
    """Declare that a route needs a live key, and looks at its scopes itself."""
    return _depends(KeyNeeded(None))


def is_open(why: str) -> Declared:
    """Declare that a route is open to everybody."""
    return _depends(Open(why))


async def live_key(door: Door, secret: str) -> ApiKey | None:
    """Return the live key of a secret."""
    return await door.ask(lambda _world: door.keys.check(secret)) if secret else None


def _depends(access: Access) -> Declared:
    declared: Declared = Depends(access)
    return declared
