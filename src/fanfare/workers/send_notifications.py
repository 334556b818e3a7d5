"""Send what was released: intent, call, outcome (FLOW-6, DESIGN section 4).

Arrives: TRIGGERED rows of one sender, as many as its bucket has tokens. Leaves: an intent for each that may still go,
durable before the first call; then one outcome each: SENT, a retry, FAILED, or QUEUED with an unknown outcome that
reconciliation settles. May fail: Transient before the intent; nothing is raised after it.
Its own writes never wake it: it acts on TRIGGERED only.
Original name: notificationSend.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from fanfare import telemetry
from fanfare.model.channel import Brand, Channel, Locale, Sender
from fanfare.model.event import Event
from fanfare.model.ids import AddressHash, SaleId
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import MessageKind, Reason, State
from fanfare.model.sale import Sale
from fanfare.ports.channels import (
    Accepted,
    EmailBatch,
    EmailChannel,
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
from fanfare.rules.dispatch import Ready
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.quiet_hours import QuietPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

INTENTS_MAX = 256
"""Rows of one intent; a crash leaves at most these of unknown outcome (DESIGN section 4)."""

Compose = Callable[[MessageKind, Brand, Event | None, Sale | None, Locale, bool, Sender], SmsMessage | EmailMessage]
"""Render words: kind, brand, event, sale, locale, whether it goes to Canada, sender."""


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


def run(sender: Sender, *, ground: Ground) -> int:
    """Send one batch of a sender; return how many rows moved."""
    if ground.switches.paused() is not None:
        return 0
    now = ground.clock.now()
    wanted = min(INTENTS_MAX, ground.tokens.available(sender, now))
    rows = ground.notifications.to_send(sender.name, now, wanted) if wanted else None
    if rows is None or not len(rows):
        return 0

    ready, held = _decide(rows, now, sender, ground)
    _hold(rows, held, now, ground)
    granted = ready[: ground.tokens.take(sender, len(ready), now)] if ready else ready
    started = ground.clock.monotonic_seconds()
    fenced = _intend(rows, granted, now, started, ground)
    _suppress_opted_out(rows, granted, fenced, now, ground)

    going = [one for one in granted if one.row in fenced]
    outcomes = _call(rows, going, sender, now, started, ground) if going else ()
    _record(rows, going, fenced, outcomes, sender, ground)
    telemetry.METRICS.send_seconds.labels(sender.channel.value).observe(ground.clock.monotonic_seconds() - started)
    return len(held) + len(granted)


def _decide(rows: DueRows, now: datetime, sender: Sender, ground: Ground) -> tuple[list[Ready], list[dispatch.Held]]:
    """Decide each row: ready with its words, or held with the state it moves to instead."""
    sales = _known_sales(rows, ground)
    events = ground.events.get(list({sale.event_id for sale in sales.values() if sale is not None}))
    addresses = ground.vault.open(rows.fan_refs, rows.sealed)
    words: dict[tuple[str, str | None, str, str, bool], SmsMessage | EmailMessage] = {}
    ready: list[Ready] = []
    held: list[dispatch.Held] = []
    judge = dispatch.Judge(now=now, quiet=ground.quiet)
    for row in range(len(rows)):
        sale_id = rows.sale_ids[row]
        sale = sales.get(SaleId(sale_id)) if sale_id else None
        address = addresses[row]
        verdict = judge.decide(
            row=row, kind=rows.kinds[row], channel=rows.channels[row], address=address, sale=sale,
            revision=rows.sale_revisions[row], cut_off_ms=rows.cut_off_ms[row], zone=rows.zones[row],
            region=rows.regions[row], phone_zones=rows.phone_zones[row],
        )
        if verdict is not None or address is None:
            held.append(verdict or dispatch.Held(row, State.SUPPRESSED, Reason.FORGOTTEN, None))
            continue
        to_canada = dispatch.is_in_canada(rows.regions[row], rows.phone_zones[row], rows.zones[row])
        key = (rows.kinds[row], sale_id, rows.brands[row], rows.locales[row], to_canada)
        message = words.get(key)
        if message is None:
            event = events.get(sale.event_id) if sale else None
            message = words[key] = ground.compose(
                MessageKind(rows.kinds[row]), ground.brands[rows.brands[row]], event, sale,
                Locale(rows.locales[row]), to_canada, sender,
            )
        ready.append(Ready(row, address, message))
    return ready, held


def _known_sales(rows: DueRows, ground: Ground) -> dict[SaleId, Sale | None]:
    return {SaleId(sale_id): ground.sales.get(SaleId(sale_id)) for sale_id in set(rows.sale_ids) if sale_id}


def _hold(rows: DueRows, held: Sequence[dispatch.Held], now: datetime, ground: Ground) -> None:
    if held:
        ground.notifications.move(
            Transitions(
                ids=[rows.ids[one.row] for one in held],
                versions=[rows.versions[one.row] for one in held],
                old_states=[State.TRIGGERED] * len(held),
                new_states=[one.state for one in held],
                reasons=[one.reason for one in held],
                wake_ms=[one.wake_ms for one in held],
                at_ms=to_ms(now),
            )
        )


def _intend(
    rows: DueRows, granted: Sequence[Ready], now: datetime, started: float, ground: Ground
) -> dict[int, int]:
    """Record the attempts; return the fence token of each row that may be called."""
    if not granted:
        return {}
    tokens = ground.notifications.intend(
        Intents(
            ids=[rows.ids[one.row] for one in granted],
            versions=[rows.versions[one.row] for one in granted],
            text_hashes=[one.message.text_hash for one in granted],
            sale_revisions=[rows.sale_revisions[one.row] for one in granted],
            opt_out_binds=[kinds.BINDINGS[MessageKind(rows.kinds[one.row])].opt_out_binds for one in granted],
            queued_ms=to_ms(now),
            queued_monotonic=started,
            queued_series=ground.clock.series,
            wake_ms=to_ms(now + timedelta(seconds=ground.settle_seconds)),
        )
    )
    return {one.row: token for one, token in zip(granted, tokens, strict=True) if token is not None}


def _suppress_opted_out(
    rows: DueRows, granted: Sequence[Ready], fenced: Mapping[int, int], now: datetime, ground: Ground
) -> None:
    """End the rows whose address opted out after they were written; others that were refused are read again later."""
    refused = [one.row for one in granted if one.row not in fenced]
    if not refused:
        return
    opted_out = ground.notifications.opted_out([rows.ids[row] for row in refused])
    ended = [
        dispatch.Held(row, State.SUPPRESSED, Reason.OPTED_OUT, None) for row in refused if rows.ids[row] in opted_out
    ]
    _hold(rows, ended, now, ground)


def _call(
    rows: DueRows, going: Sequence[Ready], sender: Sender, now: datetime, started: float, ground: Ground
) -> tuple[Outcome, ...]:
    tokens = ground.vault.callback_tokens(
        [rows.ids[one.row] for one in going], [rows.attempts[one.row] + 1 for one in going]
    )
    deadline = started + dispatch.CALL_BEFORE_SECONDS

    def may_send() -> bool:
        return ground.switches.paused() is None

    if sender.channel is Channel.SMS:
        return ground.sms.send(
            SmsBatch(
                sender_address=sender.address,
                addresses=[one.address for one in going],
                bodies=[one.message.body for one in going if isinstance(one.message, SmsMessage)],
                tokens=tokens,
                valid_seconds=[dispatch.valid_seconds(rows.cut_off_ms[one.row], now) for one in going],
                deadline_monotonic=deadline,
            ),
            may_send,
        )
    return ground.email.send(
        EmailBatch(
            sender_address=sender.address,
            sender_name=ground.brands[rows.brands[going[0].row]].name,
            addresses=[one.address for one in going],
            messages=[one.message for one in going if isinstance(one.message, EmailMessage)],
            tokens=tokens,
            unsubscribe_urls=[
                ground.unsubscribe_url(ground.vault.sign_fan(rows.fan_refs[one.row], f"unsubscribe:{rows.brands[one.row]}"))
                for one in going
            ],
            deadline_monotonic=deadline,
        ),
        may_send,
    )


def _record(
    rows: DueRows,
    going: Sequence[Ready],
    fenced: Mapping[int, int],
    outcomes: Sequence[Outcome],
    sender: Sender,
    ground: Ground,
) -> None:
    """Write each outcome under its fence token."""
    if not going:
        return
    now = ground.clock.now()
    settled = [_settlement(outcome, rows.attempts[one.row] + 1, rows.cut_off_ms[one.row], now, ground)
               for one, outcome in zip(going, outcomes, strict=True)]
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
        )
    )
    _record_refusals([rows.address_hashes[one.row] for one in going], outcomes, sender, now, ground)
    _count(outcomes, sender)


@dataclass(frozen=True, slots=True)
class _Settlement:
    state: State
    reason: Reason | None
    wake_ms: int | None
    provider_id: str | None = None
    code: int | None = None


def _settlement(
    outcome: Outcome, attempts: int, cut_off_ms: int | None, now: datetime, ground: Ground
) -> _Settlement:
    match outcome:
        case Accepted(provider_id=provider_id):
            deadline = now + timedelta(hours=ground.policy.report_deadline_hours)
            return _Settlement(State.SENT, None, to_ms(deadline), provider_id)
        case Refused(reason=reason, code=code):
            return _Settlement(State.FAILED, reason, None, None, code)
        case NotSent():
            return _again(outcome, attempts, cut_off_ms, now, ground)
        case Unknown():
            wake_at = now + timedelta(seconds=ground.settle_seconds)
            return _Settlement(State.QUEUED, Reason.UNKNOWN_OUTCOME, to_ms(wake_at))
        case _:
            assert_never(outcome)


def _again(outcome: NotSent, attempts: int, cut_off_ms: int | None, now: datetime, ground: Ground) -> _Settlement:
    decision = retries.decide(
        retries.Setback.BUSY if outcome.code is not None else retries.Setback.NOT_SENT,
        attempts=attempts, attempts_max=ground.policy.attempts_max, now=now,
        cut_off_at=None if cut_off_ms is None else from_ms(cut_off_ms), jitter=ground.ids.jitter(),
        retry_after_seconds=outcome.retry_after_seconds,
    )
    match decision:
        case retries.Retry(wake_at=wake_at):
            return _Settlement(State.CREATED, Reason.RETRY, to_ms(wake_at), None, outcome.code)
        case retries.GiveUp(reason=reason):
            return _Settlement(State.FAILED, reason, None, None, outcome.code)


def _record_refusals(
    hashes: Sequence[AddressHash], outcomes: Sequence[Outcome], sender: Sender, now: datetime, ground: Ground
) -> None:
    """Take over what the provider knows: an opt-out is written down, a broken sender stops everything."""
    refused = [(h, o) for h, o in zip(hashes, outcomes, strict=True) if isinstance(o, Refused)]
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
        telemetry.log(logger, Fact.SENDER_STOPPED, logging.ERROR, sender=sender.name, codes=sorted(filter(None, alarms)))


def _count(outcomes: Sequence[Outcome], sender: Sender) -> None:
    for kind in (Accepted, Refused, NotSent, Unknown):
        number = sum(isinstance(outcome, kind) for outcome in outcomes)
        if number:
            telemetry.METRICS.sent.labels(sender.channel.value, kind.__name__.lower()).inc(number)
