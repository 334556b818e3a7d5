"""Group commit for webhooks: what arrives within a few milliseconds is written in one transaction.

A flush to the disk costs 3.7 ms (measured), so one transaction per webhook ends at 270 a second. A caller is answered
only when the transaction that holds its item is durable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

GATHER_SECONDS = 0.005
BATCH_MAX = 2_000


class Gatherer(Generic[T]):
    """Collects items of one event loop and writes them group by group, one group at a time."""

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[object]]) -> None:
        """Take what writes a group."""
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: T) -> None:
        """Return when the item is written; the fault of its group is raised here."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        try:
            await asyncio.sleep(GATHER_SECONDS)
            while self._waiting:
                group, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._write_group(group)
        finally:
            self._writer = None

    async def _write_group(self, group: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            await self._write([item for item, _ in group])
        except Exception as fault:  # noqa: BLE001 - handed to every caller whose item it was
            _settle(group, fault)
        else:
            _settle(group, None)


def _settle(group: "Sequence[tuple[object, asyncio.Future[None]]]", fault: Exception | None) -> None:
    for _, done in group:
        if done.done():
            continue  # its caller went away
        if fault is None:
            done.set_result(None)
        else:
            done.set_exception(fault)
