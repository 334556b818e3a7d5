"""What every route of the web door stands on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from fanfare.doors.web.quotas import Quota
from fanfare.doors.web.worlds import Worlds
from fanfare.ports.api_keys import ApiKeys
from fanfare.settings import Settings
from fanfare.topology import World

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How often somebody may ask."""

    key_per_minute: int = 600
    opt_ins_per_number_and_day: int = 3
    """Each opt-in by text costs a confirmation, and somebody may be paid for making us send them."""
    opt_ins_per_peer_and_minute: int = 120
    opt_ins_per_minute: int = 1200
    """Everybody together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The counters behind the caps; the one per number is kept in the store's cache."""

    keys: Quota
    opt_in_peers: Quota
    opt_ins: Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One web door: its settings, keys, quotas and worlds."""

    settings: Settings
    keys: ApiKeys
    caps: Caps
    quotas: Quotas
    worlds: Worlds
    partner_worlds: Worlds
    """For work that waits for a partner, so that it holds up only its own."""
    hook_worlds: Worlds
    """One thread: webhooks are written in groups, one at a time."""
    number_gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while an opt-in of a phone number is counted."""
    running: set[str] = field(default_factory=set[str])
    """Requests with an idempotency key that go on at the moment."""

    async def ask(self, work: Callable[[World], T]) -> T:
        """Run quick work on a world."""
        return await self.worlds.run(work)

    def close(self) -> None:
        """End every thread."""
        for worlds in (self.worlds, self.partner_worlds, self.hook_worlds):
            worlds.close()


async def _door_of(request: Request) -> Door:
    return cast("Door", request.app.state.door)


OpenDoor = Annotated[Door, Depends(_door_of)]
