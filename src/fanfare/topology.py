"""THE MAP: every route, one row each: trigger -> worker -> its ports -> its limits.

``World`` is the bundle of ports that a process works on. ``routes`` binds each worker to the ports it needs; a missing
or a wrong one is an error of the type checker. Both engines read this file: the embedded runtime runs the routes in
its loops, and on AWS each row becomes a function with its event source.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanfare import runner, telemetry
from fanfare.model.change import Change, RecordType
from fanfare.model.channel import Brand, Channel, Sender
from fanfare.model.generation import QUEUE as GENERATION_QUEUE
from fanfare.model.offer import SourceEvent
from fanfare.model.sale import Sale
from fanfare.ports.accounts import Accounts
from fanfare.ports.cache import Cache
from fanfare.ports.changes import Changes, Checkpoints
from fanfare.ports.channels import EmailChannel, SmsChannel
from fanfare.ports.clock import Clock
from fanfare.ports.consents import Consents
from fanfare.ports.demands import Demands
from fanfare.ports.event_source import EventSource
from fanfare.ports.events import Events
from fanfare.ports.ids import Ids
from fanfare.ports.inbox import Inbox
from fanfare.ports.links import Redirects, Shortener
from fanfare.ports.measures import Measures
from fanfare.ports.notifications import Notifications
from fanfare.ports.opt_outs import OptOuts
from fanfare.ports.plans import Plans
from fanfare.ports.queues import QueueMessage, Queues
from fanfare.ports.report_codes import ReportCodes
from fanfare.ports.report_stream import BounceSource, ReportStream
from fanfare.ports.sales import Sales
from fanfare.ports.switches import Switches
from fanfare.ports.tokens import Tokens
from fanfare.ports.upkeep import Upkeep
from fanfare.ports.vault import Vault
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.quiet_hours import QuietPolicy
from fanfare.workers import (
    apply_opt_outs,
    catch_up_notifications,
    correct_notifications,
    digest_changes,
    generate_notifications,
    measure_targets,
    queue_short_urls,
    reconcile_notifications,
    record_demands,
    refresh_events,
    release_notifications,
    schedule_notifications,
    send_notifications,
    shorten_urls,
    store_events,
    track_sms_status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that workers and doors stand on."""

    clock: Clock
    ids: Ids
    events: Events
    sales: Sales
    demands: Demands
    notifications: Notifications
    plans: Plans
    opt_outs: OptOuts
    consents: Consents
    vault: Vault
    queues: Queues
    changes: Changes
    checkpoints: Checkpoints
    tokens: Tokens
    cache: Cache
    inbox: Inbox
    redirects: Redirects
    switches: Switches
    upkeep: Upkeep
    measures: Measures
    sms: SmsChannel
    email: EmailChannel
    stream: ReportStream | None
    bounces: BounceSource | None
    source: EventSource
    shortener: Shortener
    own_links: Shortener
    """Our own redirector, for what the shortener cannot do in time."""
    accounts: Accounts | None
    codes: ReportCodes
    senders: Sequence[Sender]
    brands: Mapping[str, Brand]
    policy: ReminderPolicy
    quiet: QuietPolicy
    compose: send_notifications.Compose
    unsubscribe_url: Callable[[str], str]
    force_event_locale: bool
    stop_every_brand: bool
    settle_seconds: float
    look_up_seconds: float
    refresh_minutes: int
    event_cache_seconds: float


class Lane(StrEnum):
    """Routes of one lane take turns; lanes run beside each other, so that a slow partner holds up only its own."""

    MAIN = "main"
    SMS = "sms"
    EMAIL = "email"
    REPORTS = "reports"
    PARTNERS = "partners"
    LAKE = "lake"
    WEB = "web"
    """What the web door's process does beside answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Everything has a limit."""

    batch_max: int
    visibility_seconds: float = 60.0
    """Longer than a batch may take; then others may have its messages."""
    attempts_max: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRoute:
    """Woken by the clock."""

    name: str
    lane: Lane
    every_seconds: float
    work: Callable[[datetime], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRoute:
    """Woken by rows that are due (``wake_at``), and by the change that made them due."""

    name: str
    lane: Lane
    work: Callable[[datetime], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRoute:
    """Woken by messages of a queue."""

    name: str
    lane: Lane
    queue: str
    limits: Limits
    work: Callable[[Sequence[QueueMessage]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoute:
    """Woken by changes of records; its checkpoint moves after the effect."""

    name: str
    lane: Lane
    record_types: tuple[RecordType, ...]
    limits: Limits
    work: Callable[[Sequence[Change]], object]


Route = TickRoute | DueRoute | QueueRoute | ChangeRoute


def routes(world: World) -> tuple[Route, ...]:
    """Return every route, bound to the ports of a world."""
    return (*_planning(world), *_links(world), *_sending(world), *_coming_back(world), *_upkeep(world))


def _planning(world: World) -> tuple[Route, ...]:
    ground = generation_ground(world)
    return (
        TickRoute(
            name="schedule_notifications",
            lane=Lane.MAIN,
            every_seconds=60,  # a slot is planned once, by the watermark; the minute is how late a tick may be
            work=lambda tick: schedule_notifications.run(
                tick, sales=world.sales, events=world.events, demands=world.demands,
                notifications=world.notifications, plans=world.plans, queues=world.queues,
                checkpoints=world.checkpoints, senders=world.senders, policy=world.policy, clock=world.clock,
            ),
        ),
        ChangeRoute(
            name="catch_up_notifications",
            lane=Lane.MAIN,
            record_types=(RecordType.SALE, RecordType.DEMAND),
            limits=Limits(batch_max=5000),
            work=lambda batch: catch_up_notifications.run(
                batch, sales=world.sales, events=world.events, queues=world.queues, clock=world.clock,
                planned_until=schedule_notifications.reach(world.checkpoints, world.clock.now(), world.policy),
            ),
        ),
        QueueRoute(
            name="generate_notifications",
            lane=Lane.MAIN,
            queue=GENERATION_QUEUE,
            limits=Limits(batch_max=10, visibility_seconds=300),
            work=lambda batch: generate_notifications.run(batch, ground=ground),
        ),
        DueRoute(
            name="release_notifications",
            lane=Lane.MAIN,
            work=lambda tick: release_notifications.run(
                tick, notifications=world.notifications, sales=world.sales, queues=world.queues,
                switches=world.switches, senders=world.senders, clock=world.clock,
            ),
        ),
    )  # fmt: skip


def _links(world: World) -> tuple[Route, ...]:
    return (
        ChangeRoute(
            name="queue_short_urls",
            lane=Lane.MAIN,
            record_types=(RecordType.DEMAND, RecordType.EVENT),
            limits=Limits(batch_max=5000),
            work=lambda batch: queue_short_urls.run(batch, events=world.events, queues=world.queues),
        ),
        QueueRoute(
            name="shorten_urls",
            lane=Lane.PARTNERS,
            queue=queue_short_urls.QUEUE,
            limits=Limits(batch_max=shorten_urls.BATCH_MAX, attempts_max=shorten_urls.ATTEMPTS_MAX),
            work=lambda batch: shorten_urls.run(
                batch, events=world.events, shortener=world.shortener, cache=world.cache
            ),
        ),
        TickRoute(
            name="refresh_events",
            lane=Lane.PARTNERS,
            every_seconds=30,
            work=lambda tick: refresh_events.run(
                tick, events=world.events, source=world.source, store=event_store(world),
                refresh_minutes=world.refresh_minutes,
            ),
        ),
    )  # fmt: skip


def _sending(world: World) -> tuple[Route, ...]:
    ground = sending_ground(world)
    lanes = {Channel.SMS: Lane.SMS, Channel.EMAIL: Lane.EMAIL}
    return tuple(
        DueRoute(
            name=f"send_notifications:{sender.name}",
            lane=lanes[sender.channel],
            work=lambda _tick, sender=sender: send_notifications.run(sender, ground=ground),
        )
        for sender in world.senders
    )


def _coming_back(world: World) -> tuple[Route, ...]:
    ground = report_ground(world)
    stream, bounces = world.stream, world.bounces
    found: list[Route] = [
        DueRoute(
            name="apply_opt_outs", lane=Lane.MAIN,
            work=lambda _tick: apply_opt_outs.run(ground=opt_out_ground(world)),
        ),
        DueRoute(
            name="track_sms_status:inbox", lane=Lane.MAIN,
            work=lambda _tick: track_sms_status.empty_inbox(ground=ground),
        ),
        TickRoute(
            name="track_sms_status:parked", lane=Lane.MAIN, every_seconds=30,
            work=lambda _tick: track_sms_status.join_parked(ground=ground),
        ),
        DueRoute(
            name="reconcile_notifications", lane=Lane.PARTNERS,
            work=lambda tick: _reconcile(tick, world, ground),
        ),
    ]  # fmt: skip
    if stream is not None:
        found.append(
            DueRoute(
                name="track_sms_status:stream",
                lane=Lane.REPORTS,
                work=lambda _tick: track_sms_status.follow_stream(stream, ground=ground),
            )
        )
    if bounces is not None:
        found.append(
            TickRoute(
                name="track_sms_status:bounces",
                lane=Lane.REPORTS,
                every_seconds=30,
                work=lambda _tick: track_sms_status.empty_bounces(bounces, ground=ground),
            )
        )
    return tuple(found)


def _reconcile(tick: datetime, world: World, ground: track_sms_status.Ground) -> int:
    moved, reports = reconcile_notifications.run(tick, ground=settling_ground(world))
    return moved + track_sms_status.run(reports, ground=ground)


def _upkeep(world: World) -> tuple[Route, ...]:
    kept: dict[str, float] = {}
    return (
        TickRoute(
            name="digest_changes",
            lane=Lane.LAKE,
            every_seconds=600,
            work=lambda tick: digest_changes.run(tick, upkeep=world.upkeep),
        ),
        *(
            TickRoute(
                name=f"measure_targets:{lane}",
                lane=lane,  # each process counts for itself
                every_seconds=30,
                work=lambda tick: measure_targets.run(
                    tick, counted=telemetry.counted(), kept=kept, measures=world.measures
                ),
            )
            for lane in (Lane.MAIN, Lane.LAKE, Lane.WEB)
        ),
    )


def generation_ground(world: World) -> generate_notifications.Ground:
    """Return what generation stands on."""
    return generate_notifications.Ground(
        sales=world.sales, events=world.events, demands=world.demands, notifications=world.notifications,
        opt_outs=world.opt_outs, plans=world.plans, queues=world.queues, own_links=world.own_links,
        plan=lambda sales: _plan(sales, world), correct=lambda sale: _correct(sale, world),
        clock=world.clock, senders=world.senders, policy=world.policy,
        quiet=world.quiet, force_event_locale=world.force_event_locale, shards=1,
    )  # fmt: skip


def _plan(due: Sequence[Sale], world: World) -> None:
    schedule_notifications.plan_sales(
        due, sales=world.sales, events=world.events, demands=world.demands, notifications=world.notifications,
        plans=world.plans, senders=world.senders, policy=world.policy, now=world.clock.now(),
    )  # fmt: skip


def _correct(sale: Sale, world: World) -> int:
    return correct_notifications.run(
        sale, notifications=world.notifications, brands=world.brands.values(), clock=world.clock
    )


def event_store(world: World) -> Callable[[Sequence[SourceEvent]], tuple[store_events.StoredEvent, ...]]:
    """Return what stores events from the source and keeps the sale calendar true."""
    return lambda batch: store_events.run(
        batch, events=world.events, sales=world.sales, policy=world.policy, clock=world.clock
    )


def sending_ground(world: World) -> send_notifications.Ground:
    """Return what a send stands on."""
    return send_notifications.Ground(
        notifications=world.notifications, sales=world.sales, events=world.events, opt_outs=world.opt_outs,
        tokens=world.tokens, vault=world.vault, switches=world.switches, sms=world.sms, email=world.email,
        clock=world.clock, ids=world.ids, brands=world.brands, policy=world.policy, quiet=world.quiet,
        compose=world.compose, unsubscribe_url=world.unsubscribe_url, settle_seconds=world.settle_seconds,
    )  # fmt: skip


def report_ground(world: World) -> track_sms_status.Ground:
    """Return what a report meets."""
    return track_sms_status.Ground(
        notifications=world.notifications, inbox=world.inbox, queues=world.queues, checkpoints=world.checkpoints,
        opt_outs=world.opt_outs, switches=world.switches, vault=world.vault, codes=world.codes, clock=world.clock,
        ids=world.ids, policy=world.policy,
    )  # fmt: skip


def settling_ground(world: World) -> reconcile_notifications.Ground:
    """Return what settling stands on."""
    return reconcile_notifications.Ground(
        notifications=world.notifications, sms=world.sms, vault=world.vault, clock=world.clock, ids=world.ids,
        brands=world.brands, policy=world.policy, look_up_seconds=world.look_up_seconds,
    )  # fmt: skip


def opt_out_ground(world: World) -> apply_opt_outs.Ground:
    """Return what an inbound text, or an opt-out at a door, meets."""
    return apply_opt_outs.Ground(
        inbox=world.inbox, opt_outs=world.opt_outs, consents=world.consents, demands=world.demands,
        notifications=world.notifications, vault=world.vault, clock=world.clock, ids=world.ids,
        senders=world.senders, brands=world.brands, stop_every_brand=world.stop_every_brand,
        queues=world.queues, attempt=runner.attempt,
    )  # fmt: skip


def opt_in_ground(world: World) -> record_demands.Ground:
    """Return what an opt-in meets."""
    return record_demands.Ground(
        demands=world.demands, vault=world.vault, consents=world.consents, opt_outs=world.opt_outs,
        notifications=world.notifications, clock=world.clock, ids=world.ids, senders=world.senders,
    )  # fmt: skip
