"""Send what was released: intent, call, outcome (FLOW-6, docs/explanation/once-only.md).

Arrives: TRIGGERED rows of one sender, as many as its bucket has tokens. Leaves: an intent for each that may still go,
durable before the first call; then one outcome each: SENT, a retry, FAILED, or QUEUED with an unknown outcome that
reconciliation settles. May fail: Transient before the intent; nothing is raised after it.
Its own writes never wake it: it acts on TRIGGERED only.
Original name: notificationSend.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never

from fanfare import telemetry
from fanfare.model.channel import Brand, Channel, Locale, Sender
from fanfare.model.event import Event
from fanfare.model.ids import AddressHash, SaleId, SenderName
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale
from fanfare.ports.channels import (
    Accepted,
    EmailBatch,
    EmailChannel,
    MaySend,
    NotSent,
    Outcome,
    Refused,
    SmsBatch,
    SmsChannel,
    Unknown,
)
from fanfare.ports.clock import Clock
from fanfare.ports.events import Events
from fanfare.ports.ids import Ids
from fanfare.ports.notifications import DueRows, Intents, Notifications, Transitions
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut, OptOuts
from fanfare.ports.sales import Sales
from fanfare.ports.switches import Switches
from fanfare.ports.tokens import Tokens
from fanfare.ports.vault import Vault
from fanfare.rules import dispatch, kinds, retries
from fanfare.rules.breakers import Breaker
from fanfare.rules.dispatch import Facts, Hold
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.quiet_hours import QuietPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

UNWRITTEN_SECONDS = 60
"""How long rows wait before their words are tried again; until then the settings may be mended."""
_OPT_OUT_BINDS: dict[str, bool] = {kind.value: binding.opt_out_binds for kind, binding in kinds.BINDINGS.items()}
MS_PER_HOUR = 3_600_000
INTENTS_MAX = 256
"""Rows of one intent; a crash leaves at most these of unknown outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The words that are wanted: everybody with the same gets the same."""

    kind: MessageKind
    brand: Brand
    event: Event | None
    sale: Sale | None
    locale: Locale
    to_canada: bool
    sender: Sender


Compose = Callable[[Wanted], SmsMessage | EmailMessage]
"""Writes words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports and policies that a send stands on."""

    notifications: Notifications
    sales: Sales
    events: Events
    opt_outs: OptOuts
    tokens: Tokens
    vault: Vault
    switches: Switches
    sms: SmsChannel
    email: EmailChannel
    clock: Clock
    ids: Ids
    brands: Mapping[str, Brand]
    policy: ReminderPolicy
    quiet: QuietPolicy
    compose: Compose
    unsubscribe_url: Callable[[str], str]
    """Makes a fan's one-click address from a signed token."""
    settle_seconds: float
    breakers: dict[SenderName, Breaker] = field(default_factory=dict[SenderName, Breaker])
    """What this thread remembers of each sender's provider."""


Held = tuple[int, Hold]
"""A row of the batch, and where it moves instead."""


class Ready(NamedTuple):
    """A row of the batch with its address and words."""

    row: int
    address: str
    message: SmsMessage | EmailMessage


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of a sender, and when it began."""

    sender: Sender
    rows: DueRows
    now: datetime
    started: float
    """Monotonic seconds."""


def run(sender: Sender, *, ground: Ground) -> int:
    """Send one batch of a sender; return how many rows were handled."""
    if ground.switches.paused() is not None:
        return 0
    now = ground.clock.now()
    breaker = ground.breakers.get(sender.name, Breaker())
    wanted = breaker.allowance(min(INTENTS_MAX, ground.tokens.available(sender, now)), ground.clock.monotonic_seconds())
    rows = ground.notifications.to_send(sender.name, now, wanted) if wanted else None
    if rows is None or not len(rows):
        return 0

    batch = Batch(sender, rows, now, ground.clock.monotonic_seconds())
    ready, held = _decide(batch, ground)
    granted = ready[: ground.tokens.take(sender, len(ready), now)] if ready else ready
    fenced = _intend(batch, granted, ground)
    held += _opted_out(batch, [one.row for one in granted if one.row not in fenced], ground)
    _hold(batch, held, ground)

    going = [one for one in granted if one.row in fenced]
    if going:
        _record(batch, going, fenced, _call(batch, going, ground), ground)
        seconds = ground.clock.monotonic_seconds() - batch.started
        telemetry.METRICS.send_seconds.labels(sender.channel.value).observe(seconds)
    return len(held) + len(granted)


def _decide(batch: Batch, ground: Ground) -> tuple[list[Ready], list[Held]]:
    """Decide each row: ready with its words, or held with the state it moves to instead."""
    rows = batch.rows
    addresses = ground.vault.open(rows.fan_refs, rows.sealed)
    facts = zip(
        *(rows.kinds, rows.channels, rows.brands, rows.locales, rows.sale_ids, rows.sale_revisions, rows.cut_off_ms),
        *(rows.zones, rows.regions, rows.phone_zones),
        strict=True,
    )
    decided: dict[tuple[str | int | None, ...], Hold | SmsMessage | EmailMessage] = {}
    ready: list[Ready] = []
    held: list[Held] = []
    for row, (address, key) in enumerate(zip(addresses, facts, strict=True)):
        verdict = decided.get(key)
        if verdict is None:
            verdict = decided[key] = _decide_kind(Facts(*key), batch, ground)
        if isinstance(verdict, Hold):
            held.append((row, verdict))
        elif address is None:
            held.append((row, Hold(State.SUPPRESSED, Reason.FORGOTTEN)))
        else:
            ready.append(Ready(row, address, verdict))
    return ready, held


def _decide_kind(facts: Facts, batch: Batch, ground: Ground) -> Hold | SmsMessage | EmailMessage:
    """Decide all rows with the same facts, and write their words."""
    sale = ground.sales.get(SaleId(facts.sale_id)) if facts.sale_id else None
    held = dispatch.decide(facts, sale, batch.now, ground.quiet)
    if held is not None:
        return held
    brand = ground.brands.get(facts.brand)
    if brand is None:
        return _unwritten(facts, "no such brand in the settings", batch)
    wanted = Wanted(
        kind=MessageKind(facts.kind),
        brand=brand,
        event=ground.events.get([sale.event_id]).get(sale.event_id) if sale else None,
        sale=sale,
        locale=Locale(facts.locale),
        to_canada=dispatch.is_in_canada(facts.region, facts.phone_zones, facts.zone),
        sender=batch.sender,
    )
    try:
        return ground.compose(wanted)
    except ValueError as error:
        return _unwritten(facts, str(error), batch)


def _unwritten(facts: Facts, why: str, batch: Batch) -> Hold:
    """Let rows wait whose words cannot be written, and tell an operator: their neighbours shall not wait for them."""
    telemetry.log(
        logger,
        Fact.MESSAGE_NOT_WRITTEN,
        logging.ERROR,
        kind=facts.kind,
        brand=facts.brand,
        locale=facts.locale,
        sale_id=facts.sale_id,
        reason=why,
    )
    return Hold(State.CREATED, Reason.RETRY, to_ms(batch.now + timedelta(seconds=UNWRITTEN_SECONDS)))


def _hold(batch: Batch, held: Sequence[Held], ground: Ground) -> None:
    if held:
        ground.notifications.move(
            Transitions(
                ids=[batch.rows.ids[row] for row, _ in held],
                versions=[batch.rows.versions[row] for row, _ in held],
                old_states=[State.TRIGGERED] * len(held),
                new_states=[hold.state for _, hold in held],
                reasons=[hold.reason for _, hold in held],
                wake_ms=[hold.wake_ms for _, hold in held],
                at_ms=to_ms(batch.now),
            )
        )


def _intend(batch: Batch, granted: Sequence[Ready], ground: Ground) -> dict[int, int]:
    """Record the attempts; return the fence token of each row that may be called."""
    if not granted:
        return {}
    rows = batch.rows
    tokens = ground.notifications.intend(
        Intents(
            ids=[rows.ids[one.row] for one in granted],
            versions=[rows.versions[one.row] for one in granted],
            text_hashes=[one.message.text_hash for one in granted],
            sale_revisions=[rows.sale_revisions[one.row] for one in granted],
            opt_out_binds=[_OPT_OUT_BINDS[rows.kinds[one.row]] for one in granted],
            queued_ms=to_ms(batch.now),
            queued_monotonic=batch.started,
            queued_series=ground.clock.series,
            wake_ms=to_ms(batch.now + timedelta(seconds=ground.settle_seconds)),
        )
    )
    return {one.row: token for one, token in zip(granted, tokens, strict=True) if token is not None}


def _opted_out(batch: Batch, refused: Sequence[int], ground: Ground) -> list[Held]:
    """End the rows whose address opted out after they were written; others that were refused are read again later."""
    if not refused:
        return []
    found = ground.notifications.opted_out([batch.rows.ids[row] for row in refused])
    return [(row, Hold(State.SUPPRESSED, Reason.OPTED_OUT)) for row in refused if batch.rows.ids[row] in found]


def _call(batch: Batch, going: Sequence[Ready], ground: Ground) -> tuple[Outcome, ...]:
    rows = batch.rows
    tokens = ground.vault.callback_tokens(
        [rows.ids[one.row] for one in going], [rows.attempts[one.row] + 1 for one in going]
    )
    deadline = batch.started + dispatch.CALL_BEFORE_SECONDS
    if batch.sender.channel is Channel.EMAIL:
        return _send_emails(batch, going, tokens, deadline, ground)
    valid = {end: dispatch.valid_seconds(end, batch.now) for end in set(rows.cut_off_ms)}
    return ground.sms.send(
        SmsBatch(
            sender_address=batch.sender.address,
            addresses=[one.address for one in going],
            bodies=[one.message.body for one in going if isinstance(one.message, SmsMessage)],
            tokens=tokens,
            valid_seconds=[valid[rows.cut_off_ms[one.row]] for one in going],
            deadline_monotonic=deadline,
        ),
        _may_send(ground),
    )


def _may_send(ground: Ground) -> MaySend:
    return lambda: ground.switches.paused() is None


def _send_emails(
    batch: Batch, going: Sequence[Ready], tokens: Sequence[str], deadline: float, ground: Ground
) -> tuple[Outcome, ...]:
    """Send the emails of each brand under its own name."""
    places: dict[str, list[int]] = {}
    for place, one in enumerate(going):
        places.setdefault(batch.rows.brands[one.row], []).append(place)
    outcomes: dict[int, Outcome] = {}
    for brand, chosen in places.items():
        part = _emails(batch, [going[place] for place in chosen], brand, deadline, ground)
        part = replace(part, tokens=[tokens[place] for place in chosen])
        outcomes |= zip(chosen, ground.email.send(part, _may_send(ground)), strict=True)
    return tuple(outcomes[place] for place in range(len(going)))


def _emails(batch: Batch, going: Sequence[Ready], brand: str, deadline: float, ground: Ground) -> EmailBatch:
    purpose = f"unsubscribe:{brand}"
    links = [ground.unsubscribe_url(ground.vault.sign_fan(batch.rows.fan_refs[one.row], purpose)) for one in going]
    return EmailBatch(
        sender_address=batch.sender.address,
        sender_name=ground.brands[brand].name,
        addresses=[one.address for one in going],
        messages=[one.message for one in going if isinstance(one.message, EmailMessage)],
        tokens=(),
        unsubscribe_urls=links,
        deadline_monotonic=deadline,
    )


def _record(
    batch: Batch, going: Sequence[Ready], fenced: Mapping[int, int], outcomes: Sequence[Outcome], ground: Ground
) -> None:
    """Write each outcome under its fence token."""
    rows, sender = batch.rows, batch.sender
    now = ground.clock.now()
    report_due_ms = to_ms(now) + ground.policy.report_deadline_hours * MS_PER_HOUR
    settled = [
        _Settlement(State.SENT, None, report_due_ms, outcome.provider_id)
        if isinstance(outcome, Accepted)
        else _settlement(outcome, rows, one.row, now, ground)
        for one, outcome in zip(going, outcomes, strict=True)
    ]
    ground.notifications.move(
        Transitions(
            ids=[rows.ids[one.row] for one in going],
            versions=[fenced[one.row] for one in going],
            old_states=[State.QUEUED] * len(going),
            new_states=[one.state for one in settled],
            reasons=[one.reason for one in settled],
            wake_ms=[one.wake_ms for one in settled],
            at_ms=to_ms(now),
            provider=ground.sms.provider if sender.channel is Channel.SMS else ground.email.provider,
            provider_ids=[one.provider_id for one in settled],
            provider_codes=[one.code for one in settled],
            untried=[one.untried for one in settled],
        )
    )
    _remember_trouble(outcomes, sender, ground)
    _record_refusals([rows.address_hashes[one.row] for one in going], outcomes, sender, now, ground)
    _count(outcomes, sender)


def _remember_trouble(outcomes: Sequence[Outcome], sender: Sender, ground: Ground) -> None:
    """Tell the sender's breaker what came of a batch; what we held back ourselves says nothing of the provider."""
    tried = [outcome for outcome in outcomes if not (isinstance(outcome, NotSent) and not outcome.counts)]
    troubled = [isinstance(one, Unknown) or (isinstance(one, NotSent) and one.code is None) for one in tried]
    before = ground.breakers.get(sender.name, Breaker())
    after = before.after(troubled, ground.clock.monotonic_seconds())
    ground.breakers[sender.name] = after
    if after.failures > before.failures:
        telemetry.log(logger, Fact.PROVIDER_RESTED, logging.WARNING, sender=sender.name, failures=after.failures)


class _Settlement(NamedTuple):
    state: State
    reason: Reason | None
    wake_ms: int | None
    provider_id: str | None = None
    code: int | None = None
    untried: bool = False
    """The attempt was never made, so it does not count."""


def _settlement(
    outcome: Refused | NotSent | Unknown, rows: DueRows, row: int, now: datetime, ground: Ground
) -> _Settlement:
    match outcome:
        case Refused(reason=reason, code=code):
            return _Settlement(State.FAILED, reason, None, None, code)
        case NotSent():
            return _again(outcome, rows, row, now, ground)
        case Unknown():
            wake_at = now + timedelta(seconds=ground.settle_seconds)
            return _Settlement(State.QUEUED, Reason.UNKNOWN_OUTCOME, to_ms(wake_at))
        case _:
            assert_never(outcome)


def _again(outcome: NotSent, rows: DueRows, row: int, now: datetime, ground: Ground) -> _Settlement:
    attempts, cut_off_ms = rows.attempts[row] + outcome.counts, rows.cut_off_ms[row]
    decision = retries.decide(
        retries.Setback.BUSY if outcome.code is not None else retries.Setback.NOT_SENT,
        attempts=attempts,
        attempts_max=ground.policy.attempts_max,
        now=now,
        cut_off_at=None if cut_off_ms is None else from_ms(cut_off_ms),
        jitter=ground.ids.jitter(f"{rows.ids[row]}:{attempts}"),
        retry_after_seconds=outcome.retry_after_seconds,
    )
    match decision:
        case retries.Retry(wake_at=wake_at):
            return _Settlement(State.CREATED, Reason.RETRY, to_ms(wake_at), None, outcome.code, not outcome.counts)
        case retries.GiveUp(reason=reason):
            return _Settlement(State.FAILED, reason, None, None, outcome.code)


def _record_refusals(
    hashes: Sequence[AddressHash], outcomes: Sequence[Outcome], sender: Sender, now: datetime, ground: Ground
) -> None:
    """Take over what the provider knows: an opt-out is written down, a broken sender stops everything."""
    refused = [(h, o) for h, o in zip(hashes, outcomes, strict=True) if isinstance(o, Refused)]
    if not refused:
        return
    told = [
        OptOut(address_hash=h, channel=sender.channel, scope=EVERY_BRAND, active=True, at=now, source="provider")
        for h, outcome in refused
        if outcome.opted_out
    ]
    if told:
        ground.opt_outs.record(told)
    alarms = {outcome.code for _, outcome in refused if outcome.alert}
    if alarms:
        ground.switches.pause(f"provider refuses sender {sender.name}: codes {sorted(filter(None, alarms))}")
        telemetry.log(
            logger, Fact.SENDER_STOPPED, logging.ERROR, sender=sender.name, codes=sorted(filter(None, alarms))
        )


def _count(outcomes: Sequence[Outcome], sender: Sender) -> None:
    counts = Counter(type(outcome).__name__.lower() for outcome in outcomes)
    for kind, number in counts.items():
        telemetry.METRICS.sent.labels(sender.channel.value, kind).inc(number)
    telemetry.log(logger, Fact.NOTIFICATIONS_SENT, sender=sender.name, **counts)
