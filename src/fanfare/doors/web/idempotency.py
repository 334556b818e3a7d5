"""``Idempotency-Key``: the same request sent again gets the same answer and does nothing (IETF draft of that name)."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import Header

from fanfare.doors.web.door import Door
from fanfare.doors.web.problems import ProblemError
from fanfare.topology import World

KEPT_SECONDS = 86_400.0
"""How long an answer is remembered."""

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=255, description="Makes the request safe to repeat for a day: choose a random one"),
]


class _Remembered(msgspec.Struct):
    fingerprint: str
    """Keyed hash of the request; the plain one of a request with a phone number could be guessed."""
    answer: bytes


async def once(
    door: Door, caller: str, name: str | None, request: bytes, work: Callable[[], Awaitable[bytes]]
) -> bytes:
    """Return the remembered answer, or do the work and remember its answer. Two under one key never run at once.

    Raises:
        ProblemError: the same key came with another request, or its first request still runs.
    """
    if name is None:
        return await work()
    place = f"{caller}:{name}"
    if place in door.running:
        raise ProblemError(HTTPStatus.CONFLICT, "The first request with this Idempotency-Key still runs.")
    door.running.add(place)
    try:
        return await _once(door, place, request, work)
    finally:
        door.running.discard(place)


async def _once(door: Door, place: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
    fingerprint, kept = await door.ask(lambda world: _look_up(world, place, request))
    if kept is None:
        answer = await work()
        await asyncio.shield(door.ask(lambda world: _keep(world, place, _Remembered(fingerprint, answer))))
        return answer
    if kept.fingerprint != fingerprint:
        detail = "This Idempotency-Key was used for another request; choose a new one."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return kept.answer


def _look_up(world: World, place: str, request: bytes) -> tuple[str, _Remembered | None]:
    (fingerprint,) = world.vault.hash([request.decode()])
    kept = world.cache.get(_hidden(world, place), world.clock.now())
    return fingerprint.hex(), msgspec.json.decode(kept[0], type=_Remembered) if kept else None


def _keep(world: World, place: str, remembered: _Remembered) -> None:
    world.cache.put(
        _hidden(world, place),
        msgspec.json.encode(remembered),
        now=world.clock.now(),
        fresh_seconds=KEPT_SECONDS,
        stale_seconds=0,
    )


def _hidden(world: World, place: str) -> str:
    """Return the key in the cache: a caller may have put an address into its own."""
    (hashed,) = world.vault.hash([place])
    return f"idempotency:{hashed.hex()}"
