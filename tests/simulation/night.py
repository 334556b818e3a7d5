"""One simulated night: the real workers, rules and engine, a model behind the partner ports, a seed for the rest."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fanfare import wiring
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.event import EventStatus
from fanfare.model.ids import EventId
from fanfare.model.offer import SourceEvent
from fanfare.ports.faults import Conflict
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.runtime import Runtime
from fanfare.settings import Settings
from fanfare.topology import World, event_store, opt_in_ground, opt_out_ground, routes
from fanfare.workers import apply_opt_outs, record_demands
from tests.builders import NOW, a_demand, a_phone, a_source_event, an_event
from tests.simulation import invariants
from tests.simulation.disorder import Actor, Disorder, Watched, at_rest
from tests.simulation.provider import ModelProvider, SilentMail, SilentSource

WATCHED = (
    *("events", "sales", "demands", "notifications", "plans", "opt_outs", "consents", "queues", "changes"),
    *("checkpoints", "tokens", "inbox"),
)
ACTORS = 2
SECOND = timedelta(seconds=1)
CALM_AFTER = timedelta(hours=4)
"""From here on nothing breaks any more: everything must come to rest."""
END_AFTER = timedelta(hours=44)
"""By then the last report deadline has passed."""
TURNS_MAX = 400_000

SETTINGS = Settings.model_validate(
    {
        "sms": {"provider": "twilio", "reports": "stream", "base_url": "http://127.0.0.1:9"},
        "links": {"base_url": "https://l.example.test"},
        "policy": {"report_deadline_hours": 2, "short_link_wait_seconds": 0},
        "senders": [
            {"name": "sms", "channel": "sms", "brands": ["ticketmaster"], "address": "+15005550006",
             "rate_per_second": 2}
        ],
        "brands": [{"key": "ticketmaster", "name": "Ticketmaster", "contact_url": "https://tm.example/c"}],
    }
)  # fmt: skip


@dataclass(kw_only=True)
class Outcome:
    """What a seed showed."""

    seed: int
    violations: list[str]
    messages: int
    deaths: int
    hits: Counter[str]
    digest: str


@dataclass(kw_only=True)
class Night:
    """A seed's night while it goes on."""

    seed: int
    disorder: Disorder = field(init=False)
    clock: SteppedClock = field(init=False)
    engine: EmbeddedEngine = field(init=False)
    provider: ModelProvider = field(init=False)
    plain: World = field(init=False)
    stops: dict[str, datetime] = field(default_factory=dict[str, datetime])
    openings: dict[EventId, datetime] = field(default_factory=dict[EventId, datetime])
    latest: dict[EventId, datetime] = field(default_factory=dict[EventId, datetime])
    """The latest opening that each event ever had: no text for it may be taken later."""
    turns: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list[tuple[datetime, Callable[[], None]]])

    def __post_init__(self) -> None:
        self.disorder = Disorder(self.seed)
        self.clock = SteppedClock(NOW)
        self.engine = EmbeddedEngine.temporary(clock=self.clock, ids=SeededIds(self.seed))
        self.provider = ModelProvider(self.seed, self.clock, self.disorder)
        opened = wiring.open_world(self.engine, SETTINGS, self.clock)
        self.plain = replace(opened, sms=self.provider, stream=self.provider, email=SilentMail(), source=SilentSource())

    def run(self) -> Outcome:
        """Live through the night; judge it."""
        try:
            self._set_the_scene()
            actors = [Actor(self._process) for _ in range(ACTORS)]
            self._live_through(actors)
            violations = invariants.violations(self)
            return Outcome(
                seed=self.seed,
                violations=violations,
                messages=len(self.provider.ledger),
                deaths=sum(actor.deaths for actor in actors),
                hits=self.disorder.hits,
                digest=self._digest(),
            )
        finally:
            self.engine.close()

    def _process(self) -> Callable[[], int]:
        """Begin one worker process: every port watched, nothing remembered."""
        watched = {name: Watched(getattr(self.plain, name), name, self.disorder) for name in WATCHED}
        sms = Watched(self.provider, "sms", self.disorder, raises=False)
        stream = Watched(self.provider, "stream", self.disorder)
        world = replace(self.plain, **watched, sms=sms, stream=stream)
        return Runtime(routes(world), world).step

    def _set_the_scene(self) -> None:
        """Events, fans, and what changes during the night: all of it drawn from the seed."""
        dice = random.Random(f"scene:{self.seed}")
        for number in range(dice.randint(1, 3)):
            event_id = EventId(f"E{number}")
            self._open(event_id, NOW + timedelta(minutes=dice.randint(35, 100)))
            for fan in dice.sample(range(1, 40), dice.randint(3, 20)):
                self._opt_in(fan, event_id)
            self._plan_turns(event_id, dice)

    def _plan_turns(self, event_id: EventId, dice: random.Random) -> None:
        at = NOW + timedelta(minutes=dice.randint(1, 80))
        moved = self.openings[event_id] + timedelta(minutes=dice.choice((-20, 15, 60)))
        turns: tuple[Callable[[], None], ...] = (
            lambda: self._open(event_id, moved),
            lambda: self._call_off(event_id),
            lambda: self._opt_in(50, event_id),
            lambda: self._stop(dice.randint(1, 40)),
            lambda: self._stop(dice.randint(1, 40)),
        )
        self.turns += [(at, turn) for turn in dice.sample(turns, dice.randint(0, 3))]

    def _open(self, event_id: EventId, opens_at: datetime) -> None:
        if opens_at <= self.clock.now():
            return
        self.openings[event_id] = opens_at
        self.latest[event_id] = max(opens_at, self.latest.get(event_id, opens_at))
        self._store(a_source_event(an_event(event_id=event_id, version=0), opens_at=opens_at))

    def _call_off(self, event_id: EventId) -> None:
        event = an_event(event_id=event_id, version=0)
        self._store(SourceEvent(event=replace(event, status=EventStatus.CANCELLED), public=None))

    def _store(self, event: SourceEvent) -> None:
        while True:
            try:
                event_store(self.plain)([event])
            except Conflict:
                continue
            return

    def _opt_in(self, fan: int, event_id: EventId) -> None:
        record_demands.run([a_demand(fan, event_id=event_id, at=self.clock.now())], ground=opt_in_ground(self.plain))

    def _stop(self, fan: int) -> None:
        (address_hash,) = self.plain.vault.hash([a_phone(fan)])
        self.stops.setdefault(a_phone(fan), self.clock.now())
        apply_opt_outs.stop(
            address_hash, Channel.SMS, EVERY_BRAND, self.clock.now(), "sms_keyword",
            ground=opt_out_ground(self.plain),
        )  # fmt: skip

    def _live_through(self, actors: list[Actor]) -> None:
        for _ in range(TURNS_MAX):
            self.disorder.is_calm = self.clock.now() >= NOW + CALM_AFTER
            if not at_rest(actors):
                self.disorder.random.choice(actors).go_on()
                continue
            if self.clock.now() >= NOW + END_AFTER:
                return
            self._move_on(actors)
        raise AssertionError(f"seed {self.seed}: the night does not come to rest")

    def _move_on(self, actors: list[Actor]) -> None:
        """Step the clock to whatever is due next, let the scene turn, and wake everybody."""
        now = self.clock.now()
        engine = self.engine
        own = (engine.notifications.next_wake_at(), engine.queues.next_visible_at())
        due = (*own, self.provider.next_line_at(), *(at for at, _ in self.turns))
        ahead = [at for at in due if at is not None and at > now]
        waits = any(at is not None and at <= now for at in own)
        stride = timedelta(seconds=2) if waits else timedelta(minutes=20)
        self.clock.advance_to(max(min([*ahead, now + stride]), now + SECOND))
        for at, turn in [each for each in self.turns if each[0] <= self.clock.now()]:
            self.turns.remove((at, turn))
            turn()
        for actor in actors:
            actor.idle_rounds = 0

    def _digest(self) -> str:
        """What was sent and where every row ended, as one hash: equal for equal seeds."""
        lines = [f"{taken.at} {taken.to} {taken.body}" for taken in self.provider.ledger]
        totals = self.plain.notifications.totals(None)
        lines += [f"{state} {count}" for state, count in sorted(totals.by_state.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
