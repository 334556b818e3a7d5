"""A bounded pool of threads, each with a world of its own."""

import asyncio
import threading
from typing import cast

import pytest

from fanfare import telemetry
from fanfare.doors.web.worlds import BusyError, Worlds
from fanfare.topology import World


class Made:
    """Counts the worlds that were made. The pool never looks into one."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self) -> World:
        with self.lock:
            self.count += 1
            return cast("World", threading.get_ident())


def test_each_thread_makes_one_world_and_keeps_it() -> None:
    async def scene() -> list[World]:
        return list(await asyncio.gather(*(worlds.run(lambda world: world) for _ in range(50))))

    made = Made()
    worlds = Worlds(made, name="test", size=3)

    seen = asyncio.run(scene())
    worlds.close()

    assert made.count == len(set(map(id, seen))) <= 3


def test_more_than_can_wait_are_told_to_come_back() -> None:
    async def scene() -> list[bool]:
        waiting = [asyncio.create_task(worlds.run(lambda _world: gate.wait(10))) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await worlds.run(lambda _world: None)
        gate.set()
        done = list(await asyncio.gather(*waiting))
        await worlds.run(lambda _world: None)
        return done

    gate = threading.Event()
    worlds = Worlds(Made(), name="test", size=1, waiting_max=5)

    assert asyncio.run(scene()) == [True] * 5
    worlds.close()


def test_work_keeps_the_correlation_id_of_its_request() -> None:
    async def scene() -> str | None:
        with telemetry.correlated("request-1"):
            return await worlds.run(lambda _world: telemetry.correlation_id())

    worlds = Worlds(Made(), name="test", size=1)

    assert asyncio.run(scene()) == "request-1"
    worlds.close()


def test_a_world_that_cannot_be_made_is_tried_again() -> None:
    def make() -> World:
        attempts.append(1)
        raise OSError("no such file")

    attempts: list[int] = []
    worlds = Worlds(make, name="test", size=1)

    for _ in range(2):
        with pytest.raises(OSError, match="no such file"):
            asyncio.run(worlds.run(lambda world: world))

    assert len(attempts) == 2
    worlds.close()
