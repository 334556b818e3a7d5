"""Group commit: one write for many, and each caller gets its own group's outcome."""

import asyncio
from collections.abc import Sequence

import pytest

from fanfare.doors.web import gather
from fanfare.doors.web.gather import Gatherer
from fanfare.ports.faults import Transient


class Sheet:
    """Notes the groups that were written; fails while it is told to."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.is_broken = False

    async def write(self, items: Sequence[int]) -> None:
        await asyncio.sleep(0)
        if self.is_broken:
            raise Transient("the disk is full")
        self.groups.append(list(items))


async def put_all(gatherer: Gatherer[int], items: Sequence[int]) -> list[BaseException | None]:
    return list(await asyncio.gather(*(gatherer.put(item) for item in items), return_exceptions=True))


def test_what_arrives_together_is_written_together() -> None:
    sheet = Sheet()

    outcomes = asyncio.run(put_all(Gatherer[int](sheet.write), range(50)))

    assert sheet.groups == [list(range(50))]
    assert outcomes == [None] * 50


def test_a_group_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "BATCH_MAX", 20)
    sheet = Sheet()

    asyncio.run(put_all(Gatherer[int](sheet.write), range(50)))

    assert [len(group) for group in sheet.groups] == [20, 20, 10]


def test_a_fault_reaches_every_caller_of_its_group_and_no_later_one() -> None:
    async def scene() -> tuple[list[BaseException | None], list[BaseException | None]]:
        gatherer = Gatherer[int](sheet.write)
        sheet.is_broken = True
        first = await put_all(gatherer, [1, 2])
        sheet.is_broken = False
        return first, await put_all(gatherer, [3])

    sheet = Sheet()
    first, second = asyncio.run(scene())

    assert [type(outcome) for outcome in first] == [Transient, Transient]
    assert second == [None]
    assert sheet.groups == [[3]]


def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    async def scene() -> None:
        gatherer = Gatherer[int](sheet.write)
        leaving, staying = asyncio.create_task(gatherer.put(1)), asyncio.create_task(gatherer.put(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying

    sheet = Sheet()
    asyncio.run(scene())

    assert sheet.groups == [[1, 2]]
