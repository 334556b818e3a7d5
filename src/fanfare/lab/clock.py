"""The lab's own time, and everything that it has planned for later.

Two clocks share one agenda. The *real* one runs at the pace of the machine, from the present or from a given
instant. The *stepped* one stands still until it is told what time it is. What falls due is kept by whole second:
ten thousand reports of one second are then one instant to step to, not ten thousand.
"""

import asyncio
import heapq
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

Job = Callable[[], object]  # whatever it returns is of no interest


class BackwardsError(ValueError):
    """The clock was told an instant before its own."""


class Agenda:
    """Jobs by the whole second (epoch) at which they fall due; within a second, in the order they were planned."""

    def __init__(self) -> None:
        self._jobs: dict[int, list[Job]] = {}
        self._seconds: list[int] = []

    def add(self, due_second: int, job: Job) -> None:
        """Plan a job."""
        jobs = self._jobs.get(due_second)
        if jobs is None:
            self._jobs[due_second] = [job]
            heapq.heappush(self._seconds, due_second)
        else:
            jobs.append(job)

    def next_second(self) -> int | None:
        """Return the earliest second that has a job."""
        return self._seconds[0] if self._seconds else None

    def take(self) -> list[Job]:
        """Remove and return the jobs of the earliest second."""
        return self._jobs.pop(heapq.heappop(self._seconds))


class Clock(ABC):
    """What time it is on stage, in epoch seconds, and the agenda."""

    def __init__(self) -> None:
        self._agenda = Agenda()

    @abstractmethod
    def seconds(self) -> float:
        """Return the lab's present, in epoch seconds."""

    @abstractmethod
    def step_to(self, second: float) -> None:
        """Move to an instant and do, in order, all that falls due on the way.

        Raises:
            BackwardsError: the instant lies before the present, or the clock moves by itself.
        """

    def at(self, second: float, job: Job) -> None:
        """Plan a job for an instant, rounded up to a whole second; an instant gone by means the present second."""
        self._agenda.add(max(math.ceil(second), math.ceil(self.seconds())), job)

    def after(self, delay_seconds: float, job: Job) -> None:
        """Plan a job for later."""
        self.at(self.seconds() + delay_seconds, job)

    def next_second(self) -> int | None:
        """Return the instant of the next planned job."""
        return self._agenda.next_second()

    @abstractmethod
    def stop(self) -> None:
        """Forget the pending wake-up; planned jobs are never done."""

    def stamp(self) -> str:
        """Return the present as ISO 8601 with milliseconds."""
        return iso_millis(self.seconds())


class SteppedClock(Clock):
    """Stands still until it is told the time."""

    def __init__(self, start_at: datetime) -> None:
        super().__init__()
        self._now = start_at.timestamp()

    def seconds(self) -> float:
        """Return the instant it was last told."""
        return self._now

    def stop(self) -> None:
        """Do nothing: this clock never rings by itself."""

    def step_to(self, second: float) -> None:
        """Move forward; each job finds the clock at its own second."""
        if second < self._now:
            raise BackwardsError("the lab's clock only moves forward")
        while (due := self._agenda.next_second()) is not None and due <= second:
            self._now = max(self._now, float(due))
            for job in self._agenda.take():
                job()
        self._now = second


class RealClock(Clock):
    """Runs at the pace of the machine, shifted so that it began at `start_at`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start_at: datetime | None = None) -> None:
        super().__init__()
        self._loop = loop
        began = start_at.timestamp() if start_at else time.time()
        self._shift = began - time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_second = 0

    def seconds(self) -> float:
        """Return the present; steps of the machine's wall clock do not show."""
        return time.monotonic() + self._shift

    def step_to(self, second: float) -> None:
        """Refuse: this clock moves by itself."""
        raise BackwardsError(f"the lab's clock is real, it cannot be moved to {iso_millis(second)}")

    def at(self, second: float, job: Job) -> None:
        """Plan a job, and a wake-up for it when it is the next one."""
        super().at(second, job)
        self._arm()

    def stop(self) -> None:
        """Cancel the wake-up."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        due = self._agenda.next_second()
        if due is None or (self._timer is not None and self._timer_second <= due):
            return
        self.stop()
        self._timer_second = due
        self._timer = self._loop.call_later(max(0.0, due - self.seconds()), self._ring)

    def _ring(self) -> None:
        self._timer = None
        while (due := self._agenda.next_second()) is not None and due <= self.seconds():
            for job in self._agenda.take():
                job()
        self._arm()


def iso(second: float) -> str:
    """Return `2026-05-08T15:30:00Z`, without a fraction, as Discovery writes it."""
    return _iso_of(int(second)) + "Z"


@lru_cache(maxsize=1024)
def iso_millis(second: float) -> str:
    """Return `2026-05-08T15:30:00.250Z`."""
    whole, fraction = divmod(round(second * 1000), 1000)
    return f"{_iso_of(whole)}.{fraction:03d}Z"


def rfc2822(second: float) -> str:
    """Return `Fri, 08 May 2026 15:30:00 +0000`, as Twilio writes it."""
    return _rfc2822_of(int(second))


def http_date(second: float) -> str:
    """Return `Fri, 08 May 2026 15:30:00 GMT`."""
    return format_datetime(datetime.fromtimestamp(int(second), UTC), usegmt=True)


@lru_cache(maxsize=1024)
def parse_iso(text: str) -> float:
    """Return epoch seconds of an ISO 8601 instant that names its offset.

    Raises:
        ValueError: not an instant, or no offset given.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.timestamp()


@lru_cache(maxsize=1024)
def _iso_of(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)
def _rfc2822_of(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))
