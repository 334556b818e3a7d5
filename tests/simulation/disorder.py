"""What goes wrong, when, and who goes on: decided by a seed at every port call.

Each worker process is an actor in a greenlet of its own. Every call of a port is a place where another actor may go on,
where the call may fail before or after its effect, and where the process may die.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from greenlet import getcurrent, greenlet

from fanfare.ports.faults import Transient


class Crash(BaseException):
    """The process dies here: no ``except`` of the product may see it, as none sees a kill -9."""


class Disorder:
    """Draws from one seed. The same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hits: Counter[str] = Counter()
        self.is_calm = False
        """No more faults: what is left must come to rest."""
        self.fault_rate = self.random.choice((0.0, 0.002, 0.01))
        self.crash_rate = self.random.choice((0.0, 0.0005, 0.003))

    def may_break(self, place: str, moment: str, *, raises: bool) -> None:
        """Raise what the seed draws for this place: a fault of the port, or the end of the process."""
        if self.is_calm:
            return
        draw = self.random.random()
        if draw < self.crash_rate:
            self.hits[f"{place} crash {moment}"] += 1
            raise Crash(place)
        if raises and draw < self.crash_rate + self.fault_rate:
            self.hits[f"{place} fault {moment}"] += 1
            raise Transient(f"simulated at {place}", retry_after_seconds=1)


class Watched:
    """A port whose every call is watched."""

    def __init__(self, port: object, name: str, disorder: Disorder, *, raises: bool = True) -> None:
        self._port = port
        self._name = name
        self._disorder = disorder
        self._raises = raises

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 - whatever the port has
        found = getattr(self._port, method)
        return self._watch(method, found) if callable(found) else found

    def _watch(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        place = f"{self._name}.{method}"

        def watched(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the port's method
            self._disorder.hits[place] += 1
            give_way()
            self._disorder.may_break(place, "before", raises=self._raises)
            answer = call(*given, **named)
            self._disorder.may_break(place, "after", raises=self._raises)
            return answer

        return watched


def give_way() -> None:
    """Let the scheduler choose who goes on; outside an actor nothing happens."""
    parent = getcurrent().parent
    if parent is not None:
        parent.switch("working")


class Actor:
    """One process: it takes steps for ever, until it dies and a new one begins."""

    def __init__(self, begin: Callable[[], Callable[[], int]]) -> None:
        self._begin = begin
        self._greenlet: greenlet | None = None
        self.idle_rounds = 0
        self.deaths = 0

    def go_on(self) -> None:
        """Run until the next place where another may go on."""
        if self._greenlet is None or self._greenlet.dead:
            self._greenlet = greenlet(self._live)
        try:
            told = self._greenlet.switch()
        except Crash:
            self._greenlet = None
            self.deaths += 1
            self.idle_rounds = 0
            return
        if told == "idle":
            self.idle_rounds += 1
        elif told == "busy":
            self.idle_rounds = 0

    def _live(self) -> None:
        step = self._begin()
        parent = getcurrent().parent
        assert parent is not None
        while True:
            parent.switch("busy" if step() else "idle")


def at_rest(actors: Sequence[Actor]) -> bool:
    """Whether every actor found nothing to do twice in a row."""
    return all(actor.idle_rounds > 1 for actor in actors)
