"""Follow each message to its end by the reports that come back (FLOW-7).

Arrives: reports from a provider's stream, from the webhook's inbox, and returned mail. Leaves: DELIVERED, FAILED, or a
row opened again; reports of rows that are not known yet, parked; inbound texts, in the inbox. Any order, doubled, early
or late, they leave the same rows. The checkpoint moves after the effect. May fail: Transient when the stream is out of
reach.
Original name: smsStatusConsumer.
"""

import logging
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fanfare import telemetry
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash
from fanfare.model.instant import from_ms, to_ms
from fanfare.model.notification import Reason, State
from fanfare.model.report import Report, ReportStatus
from fanfare.ports.changes import Checkpoints
from fanfare.ports.clock import Clock
from fanfare.ports.ids import Ids
from fanfare.ports.inbox import Inbox
from fanfare.ports.notifications import Notifications, ReportedRows, Transitions
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut, OptOuts
from fanfare.ports.queues import Queues
from fanfare.ports.report_codes import ReportCodes
from fanfare.ports.report_stream import BounceSource, ReportStream
from fanfare.ports.switches import Switches
from fanfare.ports.vault import Vault
from fanfare.rules import reports as lattice
from fanfare.rules.policy import ReminderPolicy
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

PAGE_MAX = 5000
ROUNDS_MAX = 5
"""How often a report is judged again whose row somebody else keeps writing."""
PARKED_HOURS_MAX = 48
"""How long a report waits for its row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports and policies that a report meets."""

    notifications: Notifications
    inbox: Inbox
    queues: Queues
    checkpoints: Checkpoints
    opt_outs: OptOuts
    switches: Switches
    vault: Vault
    codes: ReportCodes
    clock: Clock
    ids: Ids
    policy: ReminderPolicy


def run(batch: Sequence[Report], *, ground: Ground) -> int:
    """Apply reports; park those whose row is not known yet. Returns how many rows moved.

    Where somebody else wrote a row first (its sender recorded the outcome meanwhile), the row is read and the report
    is judged again; a report that never finds its row at rest is parked, never dropped.
    """
    outcomes = [report for report in batch if report.status is not ReportStatus.PROGRESS]
    waiting = outcomes
    moved = 0
    for _ in range(ROUNDS_MAX):
        if not waiting:
            break
        found, waiting = _apply(waiting, ground)
        moved += found
    _park(waiting, ground)
    if outcomes:
        telemetry.log(logger, Fact.REPORTS_APPLIED, count=len(outcomes), moved=moved)
    return moved


def _apply(reports: Sequence[Report], ground: Ground) -> tuple[int, list[Report]]:
    """Apply each report once; return how many rows moved, and the reports that somebody else's write came before."""
    rows = ground.notifications.reported(_references(reports, ground.vault))
    _park([report for report, row_id in zip(reports, rows.ids, strict=True) if row_id is None], ground)
    _record_opt_outs(reports, rows, ground)
    moved = 0
    overtaken: list[Report] = []
    for moves in _decide(reports, rows, ground):
        done = set(ground.notifications.move(moves.transitions(to_ms(ground.clock.now()))))
        moved += len(done)
        overtaken += [report for row_id, report in zip(moves.ids, moves.reports, strict=True) if row_id not in done]
        _heed_alarms(
            [report for row_id, report in zip(moves.ids, moves.reports, strict=True) if row_id in done], ground
        )
    return moved, overtaken


def _park(reports: Sequence[Report], ground: Ground) -> None:
    if reports:
        ground.inbox.park(reports)
        telemetry.log(logger, Fact.REPORTS_PARKED, count=len(reports))


def follow_stream(stream: ReportStream, *, ground: Ground) -> int:
    """Read one page of a stream, apply it, then move the checkpoint; return how many entries were handled."""
    name = f"reports:{stream.provider}"
    position = ground.checkpoints.get(name)
    page = stream.read(position, PAGE_MAX, 0)

    run(page.reports, ground=ground)
    if page.texts:
        ground.inbox.leave_texts(page.texts)
    for line, reason in page.malformed:
        _quarantine(name, line, reason, ground)

    if page.position != position:
        ground.checkpoints.move(name, expected=position, to=page.position)
    return len(page.reports) + len(page.texts) + len(page.malformed)


def _quarantine(source: str, line: str, reason: str, ground: Ground) -> None:
    """Keep a line that cannot be read beside the dead letters, sealed: it may hold an address or a fan's words."""
    sealed = b64encode(ground.vault.seal_text(line)).decode()
    ground.queues.quarantine(source, sealed, reason)
    telemetry.log(logger, Fact.RECORD_QUARANTINED, logging.WARNING, source=source, reason=reason, bytes=len(line))


def empty_inbox(*, ground: Ground) -> int:
    """Apply what webhooks left; return how many reports were handled."""
    up_to, reports = ground.inbox.take_reports(PAGE_MAX)
    if reports:
        run(reports, ground=ground)
        ground.inbox.done_reports(up_to)
    return len(reports)


def join_parked(*, ground: Ground) -> int:
    """Try parked reports again and drop those that are too old; return how many found their row."""
    parked = ground.inbox.parked(PAGE_MAX)
    if not parked:
        return 0
    rows = ground.notifications.reported(_references(parked, ground.vault))
    found = [report for report, row_id in zip(parked, rows.ids, strict=True) if row_id is not None]
    if found:
        _, overtaken = _apply(found, ground)
        ground.inbox.unpark([report for report in found if report not in overtaken])
    ground.inbox.drop_parked_before(ground.clock.now() - timedelta(hours=PARKED_HOURS_MAX))
    return len(found)


def empty_bounces(source: BounceSource, *, ground: Ground) -> int:
    """Apply returned mail; return how many messages were handled."""
    waiting = source.take(PAGE_MAX)
    run([report for _, report in waiting if report is not None], ground=ground)
    source.done([name for name, _ in waiting])
    return len(waiting)


def _references(reports: Sequence[Report], vault: Vault) -> list[tuple[int, int] | str]:
    """Name each report's row: by our own signed token where it came back, else by the provider's id."""
    echoed = vault.read_callback_tokens([report.token or "" for report in reports])
    return [
        (int(ref.notification_id), ref.attempt) if ref is not None else report.provider_id or ""
        for report, ref in zip(reports, echoed, strict=True)
    ]


def _decide(reports: Sequence[Report], rows: ReportedRows, ground: Ground) -> "list[_Moves]":
    """Apply the lattice to each row; of two reports of one row in a batch the second sees the first's result.

    Returns:
        Rounds of moves: a row's second move is in the second round, because a batch moves a row once.
    """
    rounds: list[_Moves] = []
    present: dict[int, State] = {}
    steps: dict[int, int] = {}
    for i, report in enumerate(reports):
        row_id = rows.ids[i]
        if row_id is None:
            continue
        state = present.get(row_id) or _STATES[rows.states[i]]
        move = _move(report, rows, i, state, ground)
        if move is None:
            continue
        step = steps.get(row_id, 0)
        if step == len(rounds):
            rounds.append(_Moves())
        rounds[step].add(row_id, rows.versions[i] + step, state, move, report)
        steps[row_id] = step + 1
        present[row_id] = move[0]
    return rounds


def _move(report: Report, rows: ReportedRows, i: int, state: State, ground: Ground) -> "_Move | None":
    """Return the new state, its reason, when it wakes and when it ended (epoch ms); None where nothing changes."""
    if report.status is ReportStatus.DELIVERED:  # most reports; nothing but the state decides them
        return (State.DELIVERED, None, None, to_ms(report.at)) if lattice.may_be_delivered(state) else None
    cut_off_ms = rows.cut_off_ms[i]
    told = lattice.Told(
        status=report.status,
        attempt=rows.reported_attempts[i],
        at=report.at,
        failure=ground.codes.reason(report.provider, report.code),
        is_retryable=ground.codes.may_retry(report.provider, report.code),
    )
    row = lattice.Row(
        state=state, attempts=rows.attempts[i], cut_off_at=None if cut_off_ms is None else from_ms(cut_off_ms)
    )
    jitter = ground.ids.jitter(f"{rows.ids[i]}:{row.attempts}")
    match lattice.apply(told, row, attempts_max=ground.policy.attempts_max, now=ground.clock.now(), jitter=jitter):
        case lattice.Deliver(at=at):
            return State.DELIVERED, None, None, to_ms(at)
        case lattice.Fail(reason=reason):
            return State.FAILED, reason, None, to_ms(report.at)
        case lattice.Reopen(wake_at=wake_at):
            return State.CREATED, Reason.RETRY, to_ms(wake_at), None
        case lattice.Ignore():
            return None


_Move = tuple[State, Reason | None, int | None, int | None]
_STATES: dict[str, State] = {state.value: state for state in State}
"""Looked up once per report, where the enum's own constructor costs more than the rest."""


class _Moves:
    """Columns of one round of moves."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.ids: list[int] = []
        self.versions: list[int] = []
        self.old_states: list[State] = []
        self.new_states: list[State] = []
        self.reasons: list[Reason | None] = []
        self.wake_ms: list[int | None] = []
        self.provider_ids: list[str | None] = []
        self.codes: list[int | None] = []
        self.ended_ms: list[int | None] = []

    def add(self, row_id: int, version: int, old: State, move: _Move, report: Report) -> None:
        """Append one move."""
        self.reports.append(report)
        new, reason, wake_ms, ended_ms = move
        self.ids.append(row_id)
        self.versions.append(version)
        self.old_states.append(old)
        self.new_states.append(new)
        self.reasons.append(reason)
        self.wake_ms.append(wake_ms)
        self.provider_ids.append(report.provider_id)
        self.codes.append(report.code)
        self.ended_ms.append(ended_ms)

    def transitions(self, at_ms: int) -> Transitions:
        """Return the moves as one batch."""
        return Transitions(
            ids=self.ids,
            versions=self.versions,
            old_states=self.old_states,
            new_states=self.new_states,
            reasons=self.reasons,
            wake_ms=self.wake_ms,
            at_ms=at_ms,
            provider_ids=self.provider_ids,
            provider_codes=self.codes,
            ended_ms=self.ended_ms,
        )


def _record_opt_outs(reports: Sequence[Report], rows: ReportedRows, ground: Ground) -> None:
    """A report that says *opted out* or *complained* is written down like a STOP."""
    told: list[OptOut] = []
    for i, report in enumerate(reports):
        if report.code is None:
            continue
        address_hash, channel = rows.address_hashes[i], rows.channels[i]
        if address_hash is not None and channel is not None and ground.codes.opted_out(report.provider, report.code):
            told.append(_opt_out(address_hash, channel, report))
    if told:
        ground.opt_outs.record(told)


def _heed_alarms(applied: Sequence[Report], ground: Ground) -> None:
    """Stop sending where a provider blames our account, number or words: it would fail every other message too."""
    alarms = {
        (report.provider, report.code)
        for report in applied
        if report.code is not None and ground.codes.alerts(report.provider, report.code)
    }
    if alarms and ground.switches.paused() is None:
        provider, codes = min(alarms)[0], sorted(code for _, code in alarms)
        ground.switches.pause(f"provider {provider} blames us in its reports: codes {codes}")
        telemetry.log(logger, Fact.SENDER_STOPPED, logging.ERROR, provider=provider, codes=codes)


def _opt_out(address_hash: AddressHash, channel: str, report: Report) -> OptOut:
    return OptOut(
        address_hash=address_hash,
        channel=Channel(channel),
        scope=EVERY_BRAND,
        active=True,
        at=report.at,
        source="provider",
    )
