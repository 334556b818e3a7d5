"""Worlds for the threads of the web door: a bounded pool, each of its threads with a world of its own."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fanfare.topology import World

T = TypeVar("T")

WAITING_MAX = 512
"""Requests that may wait for a thread; more are told to come back."""


class BusyError(Exception):
    """More requests wait than the pool will ever serve in time."""


class Worlds:
    """Runs blocking work on worlds without holding up the event loop."""

    def __init__(self, make: Callable[[], World], *, name: str, size: int, waiting_max: int = WAITING_MAX) -> None:
        """Take what makes a world; each thread makes one when it is first needed."""
        self._make = make
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._local = threading.local()
        self._waiting = 0
        self._waiting_max = waiting_max

    async def run(self, work: Callable[[World], T]) -> T:
        """Run the work on a world and return what it returns; its faults are raised here.

        Raises:
            BusyError: too many wait already.
        """
        if self._waiting >= self._waiting_max:
            raise BusyError
        context = contextvars.copy_context()
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lambda: context.run(self._work, work))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end after what they are doing."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _work(self, work: Callable[[World], T]) -> T:
        world: World | None = getattr(self._local, "world", None)
        if world is None:
            world = self._local.world = self._make()
        return work(world)
