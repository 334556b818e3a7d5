"""Write one notification per recipient and chosen contact method of a sale (FLOW-4, REQ-007).

Arrives: generation requests, of a whole sale or of one late fan. Leaves: the audience frozen, rows CREATED or
SUPPRESSED with their reason in batches of 5,000, and the request for the next step. A sale that was cancelled or lost
its date has its unsent rows ended, one that moved has them re-planned. May fail: Transient, Conflict; every step may be
repeated, because rows are put if absent.
Original name: notificationGenerator.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fanfare import telemetry
from fanfare.model.channel import Channel, Locale, Sender
from fanfare.model.demand import Demand
from fanfare.model.event import Event
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import AddressHash, FanRef
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Occasion, OccasionKind, Reason, State
from fanfare.model.sale import Sale
from fanfare.ports.clock import Clock
from fanfare.ports.demands import DemandPage, Demands
from fanfare.ports.events import Events
from fanfare.ports.faults import Permanent
from fanfare.ports.links import Shortener
from fanfare.ports.notifications import NewNotifications, Notifications
from fanfare.ports.opt_outs import EVERY_BRAND, OptOuts
from fanfare.ports.plans import Plans
from fanfare.ports.queues import QueueMessage, Queues
from fanfare.ports.sales import Sales
from fanfare.rules import audiences, locales, quiet_hours, suppression
from fanfare.rules.audiences import Candidate, Verdict
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.quiet_hours import QuietPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

PAGE_MAX = 5000
"""Rows a step writes (FLOW-4)."""
LINK_WAIT_SECONDS = 10
"""How long a step waits at a time for a short link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports and policies that every step stands on."""

    sales: Sales
    events: Events
    demands: Demands
    notifications: Notifications
    opt_outs: OptOuts
    plans: Plans
    queues: Queues
    own_links: Shortener
    plan: Callable[[Sequence[Sale]], object]
    """Plans the release of a sale that no tick planned."""
    correct: Callable[[Sale], object]
    """Writes corrections to fans who were told something now false."""
    clock: Clock
    senders: Sequence[Sender]
    policy: ReminderPolicy
    quiet: QuietPolicy
    force_event_locale: bool
    shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One step's sale and event, with what is the same for all its rows."""

    sale: Sale
    event: Event
    outranked_by: Sale | None
    starts_at: datetime
    send_at: datetime
    release_at: dict[str, datetime]
    """By sender."""
    late: bool


def run(batch: Sequence[QueueMessage], *, ground: Ground) -> int:
    """Do one step for each request; return how many rows were written."""
    return sum(_step(_decode(message), ground) for message in batch)


def _decode(message: QueueMessage) -> GenerationRequest:
    try:
        return GenerationRequest.from_json(message.body)
    except ValueError as error:
        raise Permanent(str(error)) from error


def _step(request: GenerationRequest, ground: Ground) -> int:
    sale = ground.sales.get(request.sale_id)
    event = ground.events.get([request.event_id]).get(request.event_id)
    if sale is None or event is None:
        raise Permanent(f"sale {request.sale_id} of event {request.event_id} is not known; import the event first")

    if not sale.is_notifiable or sale.starts_at is None or sale.send_at is None:
        return _end(sale, ground)
    is_first = request.fan_ref is None and request.shard is None
    if sale.starts_at <= ground.clock.now() and request.shard is None:
        return _too_late(sale, ground) if is_first else 0
    if _wait_for_link(request, event, sale.starts_at, ground):
        return 0
    if is_first:
        return _begin(sale, event, request, ground)
    # A chain that began goes on after the opening: whoever was to be told has a row that says why not.
    return _write_page(_job(sale, event, ground, late=request.fan_ref is not None), request, ground)


def _end(sale: Sale, ground: Ground) -> int:
    """End the unsent rows of a sale that is not going to be told."""
    _close(sale, *audiences.end_of(sale), ground)
    ground.correct(sale)
    return 0


def _close(sale: Sale, state: State, reason: Reason, ground: Ground) -> None:
    closed = 0
    while moved := ground.notifications.close(sale.sale_id, state, reason, ground.clock.now(), PAGE_MAX):
        closed += moved
    telemetry.log(logger, Fact.SALE_CLOSED, sale_id=sale.sale_id, reason=reason, closed=closed)


def _too_late(sale: Sale, ground: Ground) -> int:
    """Tell of a sale that opened before its generation; end the rows of one that moved to an instant gone by."""
    if sale.frozen_at is None:
        telemetry.METRICS.missed_sales.inc()
        telemetry.log(logger, Fact.SALE_MISSED, logging.ERROR, sale_id=sale.sale_id, starts_at=sale.starts_at)
    else:
        _close(sale, State.EXPIRED, Reason.SALE_OPENED, ground)
    return 0


def _wait_for_link(request: GenerationRequest, event: Event, starts_at: datetime, ground: Ground) -> bool:
    """Ask again a little later while the event has no short link yet; past the bound make our own (REQ-006).

    Nobody waits so near to the opening that it would cost reminders.
    """
    if event.short_url or not event.url:
        return False
    last_at = starts_at - ground.policy.finish_before_opening - timedelta(seconds=LINK_WAIT_SECONDS)
    if request.waited_seconds >= ground.policy.short_link_wait_seconds or ground.clock.now() >= last_at:
        _make_own_link(event, event.url, ground)
        return False
    waited = replace(request, waited_seconds=request.waited_seconds + LINK_WAIT_SECONDS)
    ground.queues.send(QUEUE, [waited.to_json()], delay_seconds=LINK_WAIT_SECONDS, key=waited.key)
    return True


def _make_own_link(event: Event, url: str, ground: Ground) -> None:
    """Store a link of our own; for an address that is refused, messages lead to the event's page with us instead."""
    with suppress(Permanent):
        ground.events.put(event.shortened(ground.own_links.shorten(event.event_id, url)))


def _begin(sale: Sale, event: Event, request: GenerationRequest, ground: Ground) -> int:
    """Freeze the audience, bring rows of an older revision up to date, and start one chain per shard."""
    now = ground.clock.now()
    if sale.frozen_at is None:
        sale = replace(sale, frozen_at=now, version=sale.version + 1)
        ground.sales.put(sale)
    plans = {plan.sender: plan for plan in ground.plans.of_sale(sale.sale_id)}
    if not plans or any(plan.revision != sale.revision for plan in plans.values()):
        ground.plan([sale])
    job = _job(sale, event, ground, late=False)
    _replan(job, ground)
    ground.correct(sale)
    chains = [replace(request, shard=shard, target=0, after=None) for shard in range(ground.shards)]
    for chain in chains:
        ground.queues.send(QUEUE, [chain.to_json()], key=chain.key)
    return 0


def _job(sale: Sale, event: Event, ground: Ground, *, late: bool) -> Job:
    if sale.starts_at is None or sale.send_at is None:
        raise Permanent(f"sale {sale.sale_id} has no start")
    return Job(
        sale=sale,
        event=event,
        starts_at=sale.starts_at,
        send_at=sale.send_at,
        late=late,
        outranked_by=audiences.outranking(sale, ground.sales.of_event(sale.event_id)),
        release_at={plan.sender: plan.release_at for plan in ground.plans.of_sale(sale.sale_id)},
    )


def _replan(job: Job, ground: Ground) -> None:
    now = ground.clock.now()
    wake_at = max(now, min(job.release_at.values(), default=job.send_at))
    while ground.notifications.replan(
        job.sale.sale_id,
        revision=job.sale.revision,
        send_ms=to_ms(job.send_at),
        wake_ms=to_ms(wake_at),
        cut_off_ms=to_ms(job.starts_at),
        at=now,
        limit=PAGE_MAX,
    ):
        pass


def _write_page(job: Job, request: GenerationRequest, ground: Ground) -> int:
    lists = audiences.targets(job.sale, job.event)
    target = lists[request.target]
    if request.fan_ref is not None:
        page = ground.demands.page_of_fan(target, request.fan_ref)
    else:
        page = ground.demands.page(
            target, after=request.after, limit=PAGE_MAX, shard=request.shard or 0, shards=ground.shards
        )
    written = _write(job, page, ground)
    _ask_for_next(request, page, len(lists), ground)
    telemetry.log(logger, Fact.NOTIFICATIONS_GENERATED, sale_id=job.sale.sale_id, target=target, rows=written)
    return written


def _ask_for_next(request: GenerationRequest, page: DemandPage, lists: int, ground: Ground) -> None:
    if page.next_after is not None:
        following = replace(request, after=page.next_after)
    elif request.target + 1 < lists:
        following = replace(request, target=request.target + 1, after=None)
    else:
        return
    ground.queues.send(QUEUE, [following.to_json()], key=following.key)


def _write(job: Job, page: DemandPage, ground: Ground) -> int:
    """Judge every row of a page, then put them all: frozen ones and late opt-ins apart."""
    asked = _asked(job, page)
    verdicts = _verdicts(job, page, asked, ground)
    frozen_ms = to_ms(job.sale.frozen_at) if job.sale.frozen_at else 0
    written = 0
    for late in (False, True):
        chosen = [i for i in asked if (job.late or page.recorded_ms[i] > frozen_ms) is late]
        if chosen:
            written += _put(job, page, chosen, verdicts, ground, late=late)
    written += _put_email_instead(job, page, [i for i in asked if verdicts[i].add_email], ground)
    return written


def _asked(job: Job, page: DemandPage) -> list[int]:
    """Return the rows whose demand reaches this sale, one per fan and channel."""
    chosen: dict[tuple[int, str], int] = {}
    for i, demanded in enumerate(page.sale_ids):
        if not audiences.is_asked(job.sale, job.outranked_by, demanded):
            continue
        key = (page.fan_refs[i], page.channels[i])
        # A demand for every sale of the event says more than one for this sale alone.
        if key not in chosen or demanded is None or demanded != job.sale.sale_id:
            chosen[key] = i
    return list(chosen.values())


def _verdicts(job: Job, page: DemandPage, asked: Sequence[int], ground: Ground) -> dict[int, Verdict]:
    silenced = {brand: _is_silenced(job, brand, ground) for brand in {page.brands[i] for i in asked}}
    opted_out = _opted_out(page, asked, ground)
    quiet = _Quiet(job, ground)
    # Whoever cannot be told claims no address, or nobody else on it would be told either.
    tellable = [i for i in asked if i not in opted_out and not silenced[page.brands[i]]]
    tellable = [i for i in tellable if quiet.sender(page.brands[i], page.channels[i])]
    holders = _holders(job, page, tellable, ground)
    known: dict[tuple[object, ...], Verdict] = {}
    verdicts: dict[int, Verdict] = {}
    for i in asked:
        facts = (
            *(page.channels[i], page.brands[i], page.zones[i], page.regions[i], page.phone_zones[i]),
            *(i in opted_out, holders.get(i, page.fan_refs[i]) != page.fan_refs[i]),
            job.outranked_by is not None and page.sale_ids[i] != job.sale.sale_id,
        )
        verdict = known.get(facts)
        if verdict is None:
            verdict = known[facts] = _judge(page, i, facts[-3:], quiet, silenced)
        verdicts[i] = verdict
    return verdicts


def _judge(page: DemandPage, i: int, bars: tuple[bool, ...], quiet: "_Quiet", silenced: Mapping[str, bool]) -> Verdict:
    """Judge one row for all with the same facts."""
    opted_out, is_shared, same_instant = bars
    sender = quiet.sender(page.brands[i], page.channels[i])
    candidate = Candidate(
        channel=page.channels[i],
        has_sender=sender is not None,
        brand_suppressed=silenced[page.brands[i]],
        opted_out=opted_out,
        is_shared=is_shared,
        same_instant=same_instant,
    )
    return audiences.judge(candidate, lambda: quiet.ask(page, i, sender))


class _Quiet:
    """Whether and from when a row may be sent."""

    def __init__(self, job: Job, ground: Ground) -> None:
        self._job = job
        self._ground = ground
        self._now = ground.clock.now()
        self._senders: dict[tuple[str, str], Sender | None] = {}

    def sender(self, brand: str, channel: str) -> Sender | None:
        """Return the sender for a brand and channel."""
        key = (brand, channel)
        if key not in self._senders:
            self._senders[key] = audiences.sender_of(self._ground.senders, brand, channel)
        return self._senders[key]

    def ask(self, page: DemandPage, i: int, sender: Sender | None) -> tuple[bool, int]:
        """Return (may be sent, from epoch ms)."""
        name = sender.name if sender else ""
        if page.channels[i] != Channel.SMS:
            return True, to_ms(self._planned(name))
        return self._decide(page, i, name)

    def _planned(self, sender: str) -> datetime:
        return max(self._now, self._job.release_at.get(sender, self._job.send_at))

    def _decide(self, page: DemandPage, i: int, sender: str) -> tuple[bool, int]:
        planned = self._planned(sender)
        decision = quiet_hours.decide(
            planned,
            self._job.starts_at,
            zone=page.zones[i],
            region=page.regions[i],
            phone_zones=tuple(filter(None, page.phone_zones[i].split(","))),
            policy=self._ground.quiet,
        )
        match decision:
            case quiet_hours.Send():
                return True, to_ms(planned)
            case quiet_hours.Wait(until=until):
                return True, to_ms(until)
            case quiet_hours.Suppress():
                return False, 0


def _is_silenced(job: Job, brand: str, ground: Ground) -> bool:
    return suppression.reason(job.event, job.sale, ground.policy, brand) is not None


def _opted_out(page: DemandPage, asked: Sequence[int], ground: Ground) -> frozenset[int]:
    found: set[int] = set()
    for channel in Channel:
        rows = [i for i in asked if page.channels[i] == channel]
        scopes = ground.opt_outs.of(channel, [page.address_hashes[i] for i in rows]) if rows else {}
        found.update(i for i in rows if {EVERY_BRAND, page.brands[i]} & scopes.get(page.address_hashes[i], frozenset()))
    return frozenset(found)


def _holders(job: Job, page: DemandPage, rows: Sequence[int], ground: Ground) -> dict[int, FanRef]:
    claimants = [i for i in rows if job.outranked_by is None or page.sale_ids[i] == job.sale.sale_id]
    if not claimants:
        return {}
    hashes: list[AddressHash] = [page.address_hashes[i] for i in claimants]
    holders = ground.notifications.claim(
        _occasion(job.sale),
        MessageKind.REMINDER,
        [page.channels[i] for i in claimants],
        hashes,
        [page.fan_refs[i] for i in claimants],
    )
    return dict(zip(claimants, holders, strict=True))


def _occasion(sale: Sale) -> Occasion:
    return Occasion(kind=OccasionKind.SALE, name=sale.sale_id)


def _put(
    job: Job, page: DemandPage, rows: Sequence[int], verdicts: dict[int, Verdict], ground: Ground, *, late: bool
) -> int:
    chosen = [verdicts[i] for i in rows]
    names = {
        (b, c): s.name if (s := audiences.sender_of(ground.senders, b, c)) else None
        for b, c in {(page.brands[i], page.channels[i]) for i in rows}
    }
    spoken = {code: _locale(code, job, ground) for code in {page.locales[i] for i in rows}}
    return ground.notifications.put(
        NewNotifications(
            occasion=_occasion(job.sale),
            kind=MessageKind.REMINDER,
            sale_id=job.sale.sale_id,
            sale_revision=job.sale.revision,
            send_ms=to_ms(job.send_at),
            cut_off_ms=to_ms(job.starts_at),
            late=late,
            fan_refs=[page.fan_refs[i] for i in rows],
            contact_ids=[page.contact_ids[i] for i in rows],
            channels=[page.channels[i] for i in rows],
            brands=[page.brands[i] for i in rows],
            senders=[names[page.brands[i], page.channels[i]] for i in rows],
            locales=[spoken[page.locales[i]] for i in rows],
            states=[verdict.state for verdict in chosen],
            reasons=[verdict.reason for verdict in chosen],
            wake_ms=[verdict.wake_ms for verdict in chosen],
        ),
        ground.clock.now(),
    )


def _locale(code: str | None, job: Job, ground: Ground) -> str:
    chosen = Locale(code) if code else None
    return locales.choose(chosen, job.event, force_event=ground.force_event_locale).value


def _put_email_instead(job: Job, page: DemandPage, rows: Sequence[int], ground: Ground) -> int:
    """Tell by email the fans whose night it is, where they consented to email and have no email row."""
    written = 0
    for i in rows:
        fan_ref, brand = page.fan_refs[i], page.brands[i]
        demand = next(
            (d for d in ground.demands.of_fan(fan_ref) if d.active and d.channel is Channel.EMAIL and d.brand == brand),
            None,
        )
        sender = audiences.sender_of(ground.senders, brand, Channel.EMAIL)
        allowed = ground.demands.preferences(fan_ref).get(brand, frozenset(Channel))
        if demand is None or sender is None or Channel.EMAIL not in allowed:
            continue
        holder, contact_id = _claim_mailbox(job, demand, ground)
        is_free = holder == fan_ref
        wake_at = max(ground.clock.now(), job.release_at.get(sender.name, job.send_at))
        written += ground.notifications.put(
            NewNotifications(
                occasion=_occasion(job.sale),
                kind=MessageKind.REMINDER,
                sale_id=job.sale.sale_id,
                sale_revision=job.sale.revision,
                send_ms=to_ms(job.send_at),
                cut_off_ms=to_ms(job.starts_at),
                late=job.late,
                fan_refs=[fan_ref],
                contact_ids=[contact_id],
                channels=[Channel.EMAIL.value],
                brands=[brand],
                senders=[sender.name],
                locales=[_locale(page.locales[i], job, ground)],
                states=[State.CREATED if is_free else State.SUPPRESSED],
                reasons=[None if is_free else Reason.SHARED_ADDRESS],
                wake_ms=[to_ms(wake_at) if is_free else None],
            ),
            ground.clock.now(),
        )
    return written


def _claim_mailbox(job: Job, demand: Demand, ground: Ground) -> tuple[FanRef, int]:
    """Claim the mailbox that a fan gave; return who holds it for this sale, and the contact it is."""
    (holder,) = ground.notifications.claim(
        _occasion(job.sale), MessageKind.REMINDER, [demand.channel], [demand.address_hash], [demand.fan_ref]
    )
    contact_id = ground.demands.put_contact(
        demand.fan_ref, demand.channel, demand.address_hash, demand.address_sealed, phone_zones="",
        zone=demand.zone, region=demand.region,
    )  # fmt: skip
    return holder, contact_id
