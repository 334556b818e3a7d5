"""An SMS provider as a model: what it accepted is its own ledger, and that ledger judges."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanfare.model.ids import EventId
from fanfare.model.notification import Reason
from fanfare.model.offer import SourceEvent
from fanfare.model.report import Report, ReportStatus
from fanfare.ports.channels import (
    Accepted,
    EmailBatch,
    Found,
    LookUp,
    LookUpFailed,
    MaySend,
    NotFound,
    NotSent,
    Outcome,
    Refused,
    SmsBatch,
    Unknown,
)  # fmt: skip
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Transient
from fanfare.ports.report_stream import StreamPage
from tests.simulation.disorder import Crash, Disorder

QUEUE_OVERFLOW = 30001
"""Reported: not delivered, try later."""
UNKNOWN_HANDSET = 30005

KINDS = ("accept", "accept_silently", "lose", "not_sent", "busy", "refuse")
WEIGHTS = (80, 6, 4, 4, 4, 2)


@dataclass(frozen=True)
class Acceptance:
    """One text that the provider took."""

    to: str
    body: str
    token: str
    at: datetime


class ModelProvider:
    """Takes texts, loses answers, reports early, late, twice or never. Faults depend on (seed, to, body, n-th try)."""

    provider = "twilio"

    def __init__(self, seed: int, clock: Clock, disorder: Disorder) -> None:
        self._seed = seed
        self._clock = clock
        self._disorder = disorder
        self._tries: Counter[tuple[str, str]] = Counter()
        self.ledger: list[Acceptance] = []
        self.failed: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        """When a listed failed report went out, by text: after it the text may be taken once more."""
        self._coming: list[tuple[datetime, Report]] = []
        self._lines: list[Report] = []

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        for to, body, token in zip(batch.addresses, batch.bodies, batch.tokens, strict=True):
            if not may_send() or self._clock.monotonic_seconds() >= batch.deadline_monotonic:
                outcomes.append(NotSent(counts=False))
                continue
            self._die_now_and_then()
            outcomes.append(self._try(to, body, token))
        return tuple(outcomes)

    def _die_now_and_then(self) -> None:
        if not self._disorder.is_calm and self._disorder.random.random() < self._disorder.crash_rate:
            self._disorder.hits["sms.send crash between calls"] += 1
            raise Crash("sms.send")

    def _try(self, to: str, body: str, token: str) -> Outcome:
        self._tries[to, body] += 1
        dice = random.Random(f"{self._seed}:{to}:{body}:{self._tries[to, body]}")
        kind = "accept" if self._disorder.is_calm else dice.choices(KINDS, WEIGHTS)[0]
        self._disorder.hits[f"provider {kind}"] += 1
        if kind in {"accept", "accept_silently"}:
            sid = self._accept(to, body, token, dice)
            return Accepted(sid) if kind == "accept" else Unknown("the answer was lost")
        return {
            "lose": Unknown("the connection broke"),
            "not_sent": NotSent(),
            "busy": NotSent(retry_after_seconds=3, code=20429),
            "refuse": Refused(Reason.INVALID_NUMBER, 21211),
        }[kind]

    def _accept(self, to: str, body: str, token: str, dice: random.Random) -> str:
        now = self._clock.now()
        self.ledger.append(Acceptance(to, body, token, now))
        sid = f"SM{len(self.ledger):030d}"
        end = dice.choices(("delivered", "overflow", "handset", "lost"), (85, 6, 3, 6))[0]
        at = now + timedelta(seconds=dice.choice((0, 1, 5, 90, 600)))
        if end == "lost":
            return sid
        code = {"delivered": None, "overflow": QUEUE_OVERFLOW, "handset": UNKNOWN_HANDSET}[end]
        if end == "overflow":
            self.failed[to, body].append(at)
        status = ReportStatus.DELIVERED if code is None else ReportStatus.UNDELIVERED
        token_told = token if dice.random() < 0.7 else None
        report = Report(provider=self.provider, provider_id=sid, token=token_told, status=status, code=code, at=at)
        for _ in range(dice.choice((1, 1, 1, 2))):
            self._coming.append((at, report))
        return sid

    def look_up(self, queries: Sequence[LookUp]) -> tuple[Found | NotFound | LookUpFailed, ...]:
        return tuple(self._look_up(query) for query in queries)

    def _look_up(self, query: LookUp) -> Found | NotFound | LookUpFailed:
        if not self._disorder.is_calm and self._disorder.random.random() < 0.1:
            return LookUpFailed()
        for number, taken in enumerate(self.ledger, 1):
            if taken.token == query.token:
                return Found(provider_id=f"SM{number:030d}", report=None)
        return NotFound()

    def read(self, after: str | None, limit: int, wait_seconds: float) -> StreamPage:
        """Lines in the order in which they became due; a position is how many were read. May repeat."""
        del wait_seconds
        now = self._clock.now()
        self._lines += [report for at, report in sorted(self._coming, key=lambda line: line[0]) if at <= now]
        self._coming = [line for line in self._coming if line[0] > now]
        asked = int(after or 0)
        start = max(0, asked - 3) if self._disorder.random.random() < 0.1 else asked
        reports = self._lines[start : start + limit]
        return StreamPage(reports=reports, texts=(), malformed=(), position=str(max(asked, start + len(reports))))

    def next_line_at(self) -> datetime | None:
        return min((at for at, _ in self._coming), default=None)


class SilentMail:
    """A mail server that is never asked: the simulated senders send texts."""

    provider = "smtp"

    def send(self, batch: EmailBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        del may_send
        return tuple(Accepted(f"mail-{token}") for token in batch.tokens)


class SilentSource:
    """An event source out of reach: the scene stores its events itself."""

    def get(self, event_id: EventId) -> SourceEvent | None:
        raise Transient(f"out of reach: {event_id}")

    def on_sale_between(
        self, from_at: datetime, until_at: datetime, *, country_code: str | None, page: int
    ) -> tuple[tuple[SourceEvent, ...], bool]:
        raise Transient(f"out of reach: {from_at} {until_at} {country_code} {page}")
