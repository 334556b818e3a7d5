import asyncio
from datetime import UTC, datetime

import pytest

from fanfare.lab import clock
from fanfare.lab.clock import Agenda, BackwardsError, RealClock, SteppedClock
from tests.lab.calls import Caller
from tests.lab.conftest import Start

START = datetime(2026, 5, 8, 15, 30, tzinfo=UTC)


def test_a_stepped_clock_does_what_is_due_at_its_own_instant() -> None:
    stepped = SteppedClock(START)
    seen: list[str] = []
    stepped.after(10, lambda: seen.append(stepped.stamp()))
    stepped.after(5, lambda: stepped.after(1, lambda: seen.append(stepped.stamp())))
    stepped.after(100, lambda: seen.append("never"))

    stepped.step_to(START.timestamp() + 20)

    assert seen == ["2026-05-08T15:30:06.000Z", "2026-05-08T15:30:10.000Z"]
    assert stepped.stamp() == "2026-05-08T15:30:20.000Z"
    assert stepped.next_second() == START.timestamp() + 100


def test_time_does_not_go_back() -> None:
    with pytest.raises(BackwardsError):
        SteppedClock(START).step_to(START.timestamp() - 1)


def test_jobs_of_one_second_are_done_in_the_order_they_were_planned() -> None:
    agenda = Agenda()
    done: list[int] = []
    for number in range(3):
        agenda.add(7, lambda number=number: done.append(number))
    agenda.add(5, lambda: done.append(99))

    while agenda.next_second() is not None:
        for job in agenda.take():
            job()

    assert done == [99, 0, 1, 2]


def test_a_real_clock_rings_by_itself_and_cannot_be_moved() -> None:
    async def live() -> float:
        real = RealClock(asyncio.get_running_loop(), START)
        rang = asyncio.Event()
        real.after(3600, rang.set)
        real.after(0.001, rang.set)
        with pytest.raises(BackwardsError):
            real.step_to(0)
        await asyncio.wait_for(rang.wait(), 5)
        real.stop()
        return real.seconds()

    assert START.timestamp() <= asyncio.run(live()) < START.timestamp() + 60


def test_the_clock_is_told_and_asked_over_http(lab: Caller) -> None:
    assert lab.get("/clock").json == {"now": "2026-05-08T15:30:00.000Z", "next_at": None}
    lab.text()
    assert lab.get("/clock").json["next_at"] == "2026-05-08T15:30:01Z"

    assert lab.step("2026-05-08T11:45:00-04:00").json == {"now": "2026-05-08T15:45:00.000Z", "next_at": None}
    assert lab.step("2026-05-08T15:00:00Z").status == 409
    assert lab.step("2026-05-08T16:00:00").status == 400


def test_the_lab_can_run_on_the_machines_clock(start_lab: Start) -> None:
    lab = start_lab(clock="real", start_at=None)
    lab.text()

    events = lab.stream(wait=10)

    assert events[0]["data"]["messageStatus"] == "sent"
    assert lab.step("2030-01-01T00:00:00Z").status == 409


@pytest.mark.parametrize("text", ["yesterday", "2026-05-08T15:30:00", ""])
def test_an_instant_must_say_its_offset(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock.parse_iso(text)
