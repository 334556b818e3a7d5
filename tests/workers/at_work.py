"""A world of its own for a worker: an engine in memory, and partners that do as a test says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fanfare import wiring
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.demand import DemandRequest
from fanfare.model.generation import QUEUE
from fanfare.model.ids import EventId, FanRef, SaleId, SenderName
from fanfare.model.notification import Notification
from fanfare.model.offer import SourceEvent
from fanfare.ports.channels import (
    Accepted,
    EmailBatch,
    Found,
    LookUp,
    LookUpFailed,
    MaySend,
    NotFound,
    Outcome,
    SmsBatch,
)
from fanfare.settings import Settings
from fanfare.topology import World, event_store, generation_ground, opt_in_ground
from fanfare.workers import generate_notifications, record_demands, release_notifications, schedule_notifications
from tests.builders import BRAND, OTHER_BRAND, PUBLIC, a_fan, a_source_event

SMS = SenderName("sms")
EMAIL = SenderName("email")

SETTINGS: dict[str, Any] = {
    "discovery": {"base_url": "http://127.0.0.1:9/discovery/v2", "api_key": "made-up"},
    "sms": {"base_url": "http://127.0.0.1:9", "account_sid": "AC1", "auth_token": "made-up", "provider": "lab"},
    "links": {"base_url": "https://fanf.example"},
    "brands": [
        {"key": BRAND, "name": "Ticketmaster", "contact_url": "https://tm.example/c"},
        {"key": OTHER_BRAND, "name": "Live Nation", "contact_url": "https://ln.example/c", "keywords": ["parking"]},
    ],
    "senders": [
        {
            "name": channel,
            "channel": channel,
            "brands": [BRAND, OTHER_BRAND],
            "address": "+15005550006",
            "rate_per_second": 100,
        }
        for channel in ("sms", "email")
    ],
}


def a_world(engine: EmbeddedEngine, **sections: Any) -> World:  # noqa: ANN401 - sections of the settings
    return wiring.open_world(engine, Settings.model_validate({**SETTINGS, **sections}), engine.clock)


def store(world: World, source: SourceEvent | None = None) -> None:
    """Store an event with a public sale in an hour, its short link made."""
    source = source or a_source_event()
    event_store(world)([source])
    event = world.events.get([source.event.event_id])[source.event.event_id]
    if not event.short_url:
        world.events.put(event.shortened("https://fanf.example/abc"))


def opt_in(world: World, *requests: DemandRequest) -> None:
    record_demands.run(requests, ground=opt_in_ground(world))


def plan(world: World) -> int:
    """One tick of the planner."""
    return schedule_notifications.run(
        world.clock.now(), sales=world.sales, events=world.events, demands=world.demands,
        notifications=world.notifications, plans=world.plans, queues=world.queues, checkpoints=world.checkpoints,
        senders=world.senders, policy=world.policy, clock=world.clock,
    )  # fmt: skip


def generate(world: World) -> int:
    """Every step of generation that is asked for now."""
    written = 0
    while messages := world.queues.receive(QUEUE, 10, 60):
        written += generate_notifications.run(messages, ground=generation_ground(world))
        world.queues.done(QUEUE, [message.message_id for message in messages])
    return written


def release(world: World) -> int:
    """One turn of the release."""
    return release_notifications.run(
        world.clock.now(), notifications=world.notifications, sales=world.sales, queues=world.queues,
        switches=world.switches, senders=world.senders, clock=world.clock,
    )  # fmt: skip


def fan_ref(world: World, number: int = 1) -> FanRef:
    return world.demands.fan_refs([a_fan(number)])[a_fan(number)]


def rows(world: World, number: int = 1, sale_id: SaleId = PUBLIC) -> tuple[Notification, ...]:
    return world.notifications.of_sale_fan(sale_id, fan_ref(world, number))


def row(world: World, number: int = 1, sale_id: SaleId = PUBLIC, channel: Channel = Channel.SMS) -> Notification:
    (found,) = [each for each in rows(world, number, sale_id) if each.channel is channel]
    return found


@dataclass
class ScriptedSms:
    """Answers as it is told: by address, else ``otherwise``."""

    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    otherwise: Outcome | None = None
    answers: Sequence[Found | NotFound | LookUpFailed] = ()
    provider: str = "lab"
    batches: list[SmsBatch] = field(default_factory=list[SmsBatch])
    asked: list[LookUp] = field(default_factory=list[LookUp])

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        assert may_send()
        self.batches.append(batch)
        return tuple(
            self.outcomes.get(address) or self.otherwise or Accepted(f"SM{address[1:]}{len(self.batches)}")
            for address in batch.addresses
        )

    def look_up(self, queries: Sequence[LookUp]) -> tuple[Found | NotFound | LookUpFailed, ...]:
        self.asked.extend(queries)
        return tuple(self.answers[: len(queries)])

    @property
    def addresses(self) -> list[str]:
        return [address for batch in self.batches for address in batch.addresses]


@dataclass
class ScriptedEmail:
    """Takes everything."""

    provider: str = "lab-mail"
    batches: list[EmailBatch] = field(default_factory=list[EmailBatch])

    def send(self, batch: EmailBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        assert may_send()
        self.batches.append(batch)
        return tuple(Accepted(f"<{nth}@mx>") for nth, _ in enumerate(batch.addresses))


@dataclass
class ScriptedSource:
    """Knows some events; raises what it is told."""

    events: dict[EventId, SourceEvent] = field(default_factory=dict[EventId, SourceEvent])
    faults: dict[EventId, Exception] = field(default_factory=dict[EventId, Exception])
    asked: list[EventId] = field(default_factory=list[EventId])

    def get(self, event_id: EventId) -> SourceEvent | None:
        self.asked.append(event_id)
        if event_id in self.faults:
            raise self.faults[event_id]
        return self.events.get(event_id)

    def on_sale_between(self, *_: object, **__: object) -> tuple[tuple[SourceEvent, ...], bool]:
        return tuple(self.events.values()), False


def count(states: Iterable[object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in states:
        found[str(state)] = found.get(str(state), 0) + 1
    return found
