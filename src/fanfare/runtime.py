"""The embedded runtime: takes the routes' turns, and knows when the next thing is due.

``step`` gives every route of its lanes one turn. A server calls it in a loop per lane and sleeps while nothing moves;
a demo or a test calls it until all is idle, then steps its clock to ``next_at``.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import assert_never

from fanfare import runner, telemetry
from fanfare.ports.faults import Conflict, Fault, Permanent
from fanfare.telemetry import Fact
from fanfare.topology import ChangeRoute, DueRoute, Lane, QueueRoute, Route, TickRoute, World

logger = logging.getLogger(__name__)

HOLD_SECONDS = 1.0
"""How long a route rests after a fault, doubled by each further one up to the limit."""
HOLD_SECONDS_MAX = 30.0
STORE_POSITION_SECONDS = 60.0
PACE_SECONDS = 2.0
"""How far a stepped clock goes when rows wait for their sender's tokens only."""


class Runtime:
    """Runs the routes of some lanes over one world, in one thread."""

    def __init__(self, routes: Iterable[Route], world: World, lanes: Collection[Lane] = frozenset(Lane)) -> None:
        """Take the routes of the lanes."""
        self._routes = tuple(route for route in routes if route.lane in lanes)
        self._world = world
        self._ticked: dict[str, datetime] = {}
        self._held: dict[str, tuple[float, int]] = {}
        self._reached: dict[str, tuple[str | None, str]] = {}
        self._stored_at: dict[str, datetime] = {}

    def step(self) -> int:
        """Give each route one turn; return how many items were handled."""
        return sum(self._turn(route) for route in self._routes)

    def run_until_idle(self, turns_max: int = 1_000_000) -> int:
        """Step until a whole round handles nothing; return how many items were handled."""
        total = 0
        for _ in range(turns_max):
            handled = self.step()
            total += handled
            if not handled:
                break
        return total

    def next_at(self) -> datetime | None:
        """Return the next instant at which something is due; the past means rows wait for their sender's tokens."""
        now = self._world.clock.now()
        ticks = [
            self._ticked.get(route.name, now) + timedelta(seconds=route.every_seconds)
            for route in self._routes
            if isinstance(route, TickRoute)
        ]
        due = [at for at in (self._world.notifications.next_wake_at(), self._world.queues.next_visible_at()) if at]
        overdue = any(at <= now for at in due)
        ahead = [at for at in (*due, *ticks) if at > now]
        if overdue:
            ahead.append(now + timedelta(seconds=PACE_SECONDS))
        return min(ahead, default=None)

    def _turn(self, route: Route) -> int:
        until, faults = self._held.get(route.name, (0.0, 0))
        clock = self._world.clock
        if clock.monotonic_seconds() < until:
            return 0
        started = clock.monotonic_seconds()
        handled = 0

        def take(turn: Route) -> None:
            nonlocal handled
            handled = self._run(turn)

        with telemetry.correlated(self._world.ids.correlation_id()):
            fault = runner.attempt(take, route)
            if fault is not None:
                self._hold(route, fault, faults + 1)
                return 0
            if handled:
                runner.record(route.name, started, clock, failed=False)
        self._held.pop(route.name, None)
        return handled

    def _hold(self, route: Route, fault: Fault, faults: int) -> None:
        seconds = 0.0 if isinstance(fault, Conflict) else min(HOLD_SECONDS * 2 ** (faults - 1), HOLD_SECONDS_MAX)
        clock = self._world.clock
        self._held[route.name] = (clock.monotonic_seconds() + seconds, faults)
        runner.record(route.name, clock.monotonic_seconds(), clock, failed=True)
        telemetry.log(
            logger,
            Fact.ROUTE_FAILED,
            logging.ERROR,
            route=route.name,
            fault=type(fault).__name__,
            reason=str(fault),
            held_seconds=seconds,
        )

    def _run(self, route: Route) -> int:
        match route:
            case TickRoute():
                return self._tick(route)
            case DueRoute():
                return route.work(self._world.clock.now())
            case QueueRoute():
                return runner.run_queue(
                    route.work,
                    queue=route.queue,
                    queues=self._world.queues,
                    clock=self._world.clock,
                    batch_max=route.limits.batch_max,
                    visibility_seconds=route.limits.visibility_seconds,
                    attempts_max=route.limits.attempts_max,
                )
            case ChangeRoute():
                return self._follow(route)
            case _:
                assert_never(route)

    def _tick(self, route: TickRoute) -> int:
        now = self._world.clock.now()
        last = self._ticked.get(route.name)
        if last is not None and last <= now < last + timedelta(seconds=route.every_seconds):
            return 0
        self._ticked[route.name] = now
        return route.work(now)

    def _follow(self, route: ChangeRoute) -> int:
        """Run a batch of changes, quarantine those that can never be read, then move the checkpoint.

        A stretch without wanted changes is passed in memory and stored once a minute: it would cost a commit each.
        """
        name = f"changes:{route.name}"
        stored = self._world.checkpoints.get(name)
        changes, reached = self._world.changes.read(
            self._passed(name, stored), route.record_types, route.limits.batch_max
        )
        failures = runner.run_batch(route.work, changes)
        for failure in failures:  # first, because the whole batch comes again and would be kept twice
            if not isinstance(failure.fault, Permanent):
                raise failure.fault
        for failure in failures:
            change = changes[failure.index]
            self._world.queues.quarantine(name, change.image.decode(errors="replace"), str(failure.fault))
        if changes or (reached != stored and self._is_minute_over(name)):
            self._world.checkpoints.move(name, expected=stored, to=reached)
            self._reached.pop(name, None)
        else:
            self._reached[name] = (stored, reached)
        return len(changes)

    def _passed(self, name: str, stored: str | None) -> str | None:
        """Return how far this process has read beyond the stored position; another's move of that makes it void."""
        base, reached = self._reached.get(name, (stored, stored))
        return reached if base == stored else stored

    def _is_minute_over(self, name: str) -> bool:
        now = self._world.clock.now()
        if now < self._stored_at.get(name, now) + timedelta(seconds=STORE_POSITION_SECONDS):
            self._stored_at.setdefault(name, now)
            return False
        self._stored_at[name] = now
        return True
