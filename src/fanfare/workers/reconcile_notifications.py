"""Settle what is unknown or stuck (docs/explanation/once-only.md).

Arrives: a tick. Leaves: rows whose attempt nobody settled, found out by look-up, tried again once two look-ups came
back empty, or UNCONFIRMED; SENT rows past their report deadline, resting as SENT(no_report); parked reports joined to
their rows. May fail: Transient when the store is out of reach.
Original name: none.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanfare import telemetry
from fanfare.model.channel import Brand, Channel
from fanfare.model.ids import NotificationId
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.notification import Reason, State
from fanfare.model.report import Report
from fanfare.ports.channels import Found, LookUp, LookUpFailed, NotFound, SmsChannel
from fanfare.ports.clock import Clock
from fanfare.ports.ids import Ids
from fanfare.ports.notifications import DueRows, Notifications, Transitions
from fanfare.ports.vault import Vault
from fanfare.rules import settling
from fanfare.rules.policy import ReminderPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

BATCH_MAX = 256
"""Look-ups of one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports and policies that settling stands on."""

    notifications: Notifications
    sms: SmsChannel
    vault: Vault
    clock: Clock
    ids: Ids
    brands: Mapping[str, Brand]
    policy: ReminderPolicy
    look_up_seconds: float


def run(tick: datetime, *, ground: Ground) -> tuple[int, tuple[Report, ...]]:
    """Settle due rows; return how many moved, and the reports that look-ups brought."""
    rest = _rest_unreported(tick, ground)
    due = ground.notifications.due([State.QUEUED], tick, BATCH_MAX)
    chosen = [i for i in range(len(due)) if _is_over(due, i, tick, ground)]
    if not chosen:
        return rest, ()

    answers = _ask(due, chosen, ground)
    settled = [
        (i, settling.settle(*_heard(answer), _case(due, i, tick, ground)))
        for i, answer in zip(chosen, answers, strict=True)
    ]

    moved = _move(due, settled, tick, ground)
    telemetry.log(logger, Fact.NOTIFICATIONS_SETTLED, asked=len(chosen), moved=moved)
    return rest + moved, tuple(a.report for a in answers if isinstance(a, Found) and a.report is not None)


def _rest_unreported(tick: datetime, ground: Ground) -> int:
    """Let SENT rows rest that no report came for in time; a later report still raises them."""
    due = ground.notifications.due([State.SENT], tick, BATCH_MAX)
    if not len(due):
        return 0
    count = len(due)
    moved = ground.notifications.move(
        Transitions(
            ids=due.ids,
            versions=due.versions,
            old_states=[State.SENT] * count,
            new_states=[State.SENT] * count,
            reasons=[Reason.NO_REPORT] * count,
            wake_ms=[None] * count,
            at_ms=to_ms(tick),
        )
    )
    return len(moved)


def _is_over(due: DueRows, i: int, tick: datetime, ground: Ground) -> bool:
    """Whether the attempt's last call must have ended, on the clock that cannot jump (where it can be read)."""
    return settling.is_over(
        queued_ms=due.queued_ms[i],
        queued_monotonic=due.queued_monotonic[i],
        queued_series=due.queued_series[i],
        now=tick,
        monotonic=ground.clock.monotonic_seconds(),
        series=ground.clock.series,
    )


def _ask(due: DueRows, chosen: Sequence[int], ground: Ground) -> list[Found | NotFound | LookUpFailed | None]:
    """Look texts up at the provider; None where nobody can be asked (SMTP has no look-up)."""
    texts = [i for i in chosen if due.channels[i] == Channel.SMS]
    addresses = ground.vault.open([due.fan_refs[i] for i in texts], [due.sealed[i] for i in texts])
    tokens = ground.vault.callback_tokens([due.ids[i] for i in texts], [due.attempts[i] for i in texts])
    askable = [k for k, address in enumerate(addresses) if address is not None]
    answers = ground.sms.look_up(
        [
            LookUp(
                notification_id=NotificationId(due.ids[texts[k]]),
                address=addresses[k] or "",
                token=tokens[k],
                text_hash=due.text_hashes[texts[k]] or "",
                queued_ms=due.queued_ms[texts[k]] or 0,
            )
            for k in askable
        ]
    )
    found: dict[int, Found | NotFound | LookUpFailed] = {
        texts[k]: answer for k, answer in zip(askable, answers, strict=True)
    }
    return [found.get(i) for i in chosen]


def _heard(answer: Found | NotFound | LookUpFailed | None) -> tuple[settling.Answer, str | None]:
    match answer:
        case Found(provider_id=provider_id):
            return settling.Answer.FOUND, provider_id
        case NotFound():
            return settling.Answer.EMPTY, None
        case LookUpFailed():
            return settling.Answer.UNANSWERED, None
        case None:
            return settling.Answer.NOBODY_TO_ASK, None


def _case(due: DueRows, i: int, tick: datetime, ground: Ground) -> settling.Case:
    cut_off_ms = due.cut_off_ms[i]
    brand = ground.brands.get(due.brands[i])
    return settling.Case(
        attempts=due.attempts[i],
        attempts_max=ground.policy.attempts_max,
        look_ups=due.look_ups[i],
        now=tick,
        cut_off_at=None if cut_off_ms is None else from_ms(cut_off_ms),
        resent=due.resents[i],
        resend_unknown=brand is not None and brand.resend_unknown,
        jitter=ground.ids.jitter(f"{due.ids[i]}:{due.attempts[i]}"),
        look_up_seconds=ground.look_up_seconds,
        report_deadline_hours=ground.policy.report_deadline_hours,
    )


_Settled = tuple[int, settling.Settled]
"""A due row by its place, and where it moves."""


def _move(due: DueRows, settled: Sequence[_Settled], tick: datetime, ground: Ground) -> int:
    """Move the rows; return how many. Whose a row is, a look-up says where it found one; else it stays as recorded."""
    found = [each for each in settled if each[1].provider_id is not None]
    others = [each for each in settled if each[1].provider_id is None]
    batches = ((found, ground.sms.provider), (others, None))
    return sum(len(ground.notifications.move(_transitions(due, rows, tick, by))) for rows, by in batches if rows)


def _transitions(due: DueRows, settled: Sequence[_Settled], tick: datetime, provider: str | None) -> Transitions:
    return Transitions(
        ids=[due.ids[i] for i, _ in settled],
        versions=[due.versions[i] for i, _ in settled],
        old_states=[State.QUEUED] * len(settled),
        new_states=[one.state for _, one in settled],
        reasons=[one.reason for _, one in settled],
        wake_ms=[one.wake_ms for _, one in settled],
        at_ms=to_ms(tick),
        provider=provider,
        provider_ids=[one.provider_id for _, one in settled],
        look_ups=[one.look_ups for _, one in settled],
        resents=[one.resent for _, one in settled],
    )
