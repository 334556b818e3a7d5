"""A whole on-sale night on the practice stage: a lab in a process of its own, and a clock that is stepped.

The night is the product itself over real HTTP and SMTP; only time is not waited for. Both clocks move together to the
next instant at which something is due, so the same seed gives the same totals.
"""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from math import inf
from pathlib import Path
from typing import Any, Self

from fanfare import wiring
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.demand import DemandRequest
from fanfare.model.ids import SaleId
from fanfare.model.notification import ENDS, Reason, State
from fanfare.model.offer import SourceEvent
from fanfare.model.sale import Sale
from fanfare.ports.faults import Transient
from fanfare.rules import demand_rows
from fanfare.runtime import Runtime
from fanfare.settings import Settings, load
from fanfare.topology import World, event_store, opt_in_ground, routes
from fanfare.workers import record_demands

START_AT = datetime(2026, 5, 8, 15, 30, tzinfo=UTC)
"""A Friday morning on which fans from the Atlantic to the Pacific may be texted."""
DAWN = START_AT + timedelta(hours=8)
"""Sales that open later belong to another night."""
END = DAWN + timedelta(hours=4)
"""By then every report deadline of the night has passed."""
STEP = timedelta(seconds=2)
"""The shortest step of the clock: as much of a sender's rate as its bucket holds."""
SALES_MAX = 1000
PATIENCE = timedelta(minutes=10)
TELL_SECONDS = 0.5
HTTP_SECONDS = 60
GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPlan:
    """What the night is asked to be."""

    fans: int
    seed: int
    sender_rate: float
    faults: str
    data_dir: Path
    key_file: Path
    ledger: Path
    mail_dir: Path


class Lab:
    """The practice stage, in a process of its own."""

    def __init__(self, plan: NightPlan) -> None:
        """Start it and wait until it is ready."""
        self._process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            [
                sys.executable, "-m", "fanfare.lab", "--world", "night", "--clock", "stepped",
                "--fans", str(plan.fans), "--seed", str(plan.seed), "--faults", plan.faults,
                "--start", _iso(START_AT), "--ledger", str(plan.ledger), "--bounce-maildir", str(plan.mail_dir),
                "--port", "0", "--smtp-port", "0", "--opt-out", "ours",
            ],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            raise RuntimeError("the practice stage did not start")
        ready = json.loads(line)
        self.base_url: str = ready["base_url"]
        self.smtp_port: int = ready["smtp_port"]
        self._connection = HTTPConnection(self.base_url.removeprefix("http://"), timeout=HTTP_SECONDS)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return a JSON document of the lab's own routes."""
        return json.loads(self.read(path))

    def read(self, path: str) -> bytes:
        """Return what a route of the lab answers."""
        return self._ask("GET", path)

    def step(self, now: datetime) -> datetime | None:
        """Move the lab's clock; return when something is due there next."""
        due = json.loads(self._ask("PUT", "/clock", json.dumps({"now": _iso(now)})))["next_at"]
        return datetime.fromisoformat(due) if due else None

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        self._connection.request(method, path, body)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(
                f"the practice stage answers {answer.status} to {method} {path} {body}: {content[:200]!r}"
            )
        return content


@dataclass(slots=True)
class Progress:
    """What a watcher sees."""

    now: datetime
    audience: int = 0
    by_state: Mapping[str, int] = field(default_factory=dict[str, int])
    stage: str = ""


Watch = Callable[[Progress], None]
Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """How the night ended: every fan accounted for."""

    fans: int
    demands: int
    audience: int
    by_state: dict[str, int]
    by_reason: dict[str, int]
    unconfirmed: int
    lost: int
    seconds: float
    forecast_finish_at: datetime | None
    finished_at: datetime | None
    not_reachable: int
    other_messages: int
    sales: tuple[dict[str, Any], ...]
    ledger: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """Return the JSON document."""
        names = [name for name in self.__dataclass_fields__ if name != "sales"]
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        for name in ("forecast_finish_at", "finished_at"):
            found[name] = _iso(found[name]) if found[name] else None
        found["seconds"] = round(self.seconds, 1)
        found["sales"] = list(self.sales)
        return found


SETTINGS = """\
# The settings of a practice night: every partner is the lab on this machine.

[sms]
provider = "lab"
base_url = "{base_url}"
account_sid = "AC00000000000000000000000000000001"
auth_token = "lab-token"
reports = "stream"
total_timeout_seconds = 2

[email]
provider = "lab-mail"
host = "127.0.0.1"
port = {smtp_port}
security = "none"
bounce_maildir = "{mail_dir}"
bounce_domain = "bounces.example.test"
timeout_seconds = 5

[discovery]
base_url = "{base_url}/discovery/v2"
api_key = "lab-key"
requests_per_second = 1000
requests_per_day = 1000000
refresh_minutes = 5

[links]
base_url = "https://fanf.example"

[policy]
report_deadline_hours = 1

[[senders]]
name = "sms"
channel = "sms"
brands = ["ticketmaster", "livenation"]
address = "+15005550006"
rate_per_second = {sms_rate}

[[senders]]
name = "email"
channel = "email"
brands = ["ticketmaster", "livenation"]
address = "alerts@fanfare.example"
rate_per_second = {email_rate}

[[brands]]
key = "ticketmaster"
name = "Ticketmaster"
contact_url = "https://tm.example/c"

[[brands]]
key = "livenation"
name = "Live Nation"
contact_url = "https://ln.example/c"
sale_changed = true
"""


def write_settings(plan: NightPlan, lab: Lab) -> Settings:
    """Leave the night's settings in its data directory, and read them as a server would."""
    text = SETTINGS.format(
        base_url=lab.base_url, smtp_port=lab.smtp_port, mail_dir=plan.mail_dir, sms_rate=plan.sender_rate,
        email_rate=max(10.0, plan.sender_rate),
    )  # fmt: skip
    plan.data_dir.joinpath("fanfare.toml").write_text(text, encoding="utf-8")
    return load(plan.data_dir, {}).settings


class Night:
    """Runs one night from the first import to the last report."""

    def __init__(self, plan: NightPlan, lab: Lab, watch: Watch | None, seconds: Seconds) -> None:
        """Make the data directory and the world. ``seconds`` reads a real clock, for the watcher and the report."""
        self._plan = plan
        self._lab = lab
        self._watch = watch
        self._seconds = seconds
        self._told_at = -inf
        self._clock = SteppedClock(START_AT)
        self._engine = EmbeddedEngine.create(plan.data_dir, plan.key_file, clock=self._clock, ids=SeededIds(plan.seed))
        self.world: World = wiring.open_world(self._engine, write_settings(plan, lab), self._clock)
        self._runtime = Runtime(routes(self.world), self.world)
        self._demands = 0

    def close(self) -> None:
        """Close the store."""
        self._engine.close()

    def run(self) -> NightReport:
        """Run the night; return its report."""
        started = self._seconds()
        self._import_events()
        self._import_demands()
        self._live_through()
        return self._report(self._seconds() - started)

    def _import_events(self) -> None:
        self._tell("events arrive")
        page, more = 0, True
        while more:
            found, more = self._page_of_events(page)
            event_store(self.world)(found)
            page += 1

    def _page_of_events(self, page: int) -> tuple[Sequence[SourceEvent], bool]:
        """Ask the source for a page, as patiently as it wants to be asked."""
        while True:
            try:
                return self.world.source.on_sale_between(START_AT, DAWN, country_code=None, page=page)
            except Transient as busy:
                self._clock.advance(seconds=busy.retry_after_seconds or 1.0)
                self._clock.advance_to(_ceil_second(self._clock.now()))
                self._lab.step(self._clock.now())
                if self._clock.now() > START_AT + PATIENCE:
                    raise

    def _import_demands(self) -> None:
        ground = opt_in_ground(self.world)
        for batch in record_demands.batches(self._requests()):
            record_demands.run(batch, ground=ground)
            self._demands += len(batch)
            self._tell(f"{self._demands:,} opt-ins stored")

    def _requests(self) -> Iterator[DemandRequest]:
        brands = frozenset(self.world.brands)
        for row in csv.DictReader(io.StringIO(self._lab.read("/world/demands.csv").decode())):
            parsed = demand_rows.parse(row, now=self._clock.now(), brands=brands)
            if not isinstance(parsed, demand_rows.Refused):
                yield parsed

    def _live_through(self) -> None:
        while self._clock.now() < END:
            handled = self._runtime.run_until_idle()
            now = self._clock.now()
            lab_next = self._lab.step(now)
            if self._runtime.run_until_idle():
                continue
            if handled:
                self._tell("")
            following = self._next(now, lab_next)
            if following is None:
                break
            self._clock.advance_to(following)
            self._lab.step(following)

    def _next(self, now: datetime, lab_next: datetime | None) -> datetime | None:
        """Return the next instant at which anything happens; None when the night is over."""
        if self._is_over(now) and lab_next is None and self.world.notifications.next_wake_at() is None:
            return None
        candidates = [at for at in (self._runtime.next_at(), lab_next) if at is not None and at > now]
        following = min(candidates, default=now + STEP)
        return max(_ceil_second(following), now + STEP)

    def _is_over(self, now: datetime) -> bool:
        """Whether every sale of tonight has opened; the ones of tomorrow are for another night."""
        ahead = self.world.sales.opening_after(now, SALES_MAX)
        return not any(sale.is_notifiable and sale.starts_at and sale.starts_at < DAWN for sale in ahead)

    def _tell(self, stage: str) -> None:
        """Show a watcher how far it is, a few times a second at most: counting every row has its price."""
        if self._watch is None or self._seconds() < self._told_at + TELL_SECONDS:
            return
        self._told_at = self._seconds()
        totals = self.world.notifications.totals(None)
        audience = sum(totals.by_state.values())
        self._watch(Progress(now=self._clock.now(), audience=audience, by_state=totals.by_state, stage=stage))

    def _told_sales(self) -> list[Sale]:
        sales: list[Sale] = []
        after = None
        while page := self.world.events.page(after, 100):
            for event in page:
                sales += [sale for sale in self.world.sales.of_event(event.event_id) if sale.frozen_at is not None]
            after = page[-1].event_id
        return sales

    def _report(self, seconds: float) -> NightReport:
        sales = self._told_sales()
        by_state: dict[str, int] = {}
        by_reason: dict[str, int] = {}
        lines: list[dict[str, Any]] = []
        for sale in sales:
            totals = self.world.notifications.totals(sale.sale_id)
            _add(by_state, totals.by_state)
            _add(by_reason, totals.by_reason)
            lines.append(self._line(sale, totals.by_state))
        plans = [plan for sale in sales for plan in self.world.plans.of_sale(SaleId(sale.sale_id))]
        everything = self.world.notifications.totals(None)
        audience = sum(by_state.values())
        ended = sum(count for state, count in by_state.items() if State(state) in ENDS)
        rested = by_reason.get(Reason.NO_REPORT, 0)
        sent = self.world.notifications.last_sent_at()
        return NightReport(
            fans=self._plan.fans,
            demands=self._demands,
            audience=audience,
            by_state=by_state,
            by_reason=by_reason,
            unconfirmed=by_state.get(State.UNCONFIRMED, 0),
            lost=audience - ended - rested,
            seconds=seconds,
            forecast_finish_at=max((p.forecast_finish_at for p in plans if p.forecast_finish_at), default=None),
            finished_at=sent,
            not_reachable=sum(plan.not_reachable for plan in plans),
            other_messages=sum(everything.by_state.values()) - audience,
            sales=tuple(lines),
            ledger=self._lab.get("/ledger"),
        )

    def _line(self, sale: Sale, by_state: Mapping[str, int]) -> dict[str, Any]:
        event = self.world.events.get([sale.event_id]).get(sale.event_id)
        return {
            "sale_id": sale.sale_id,
            "event": event.name if event else sale.event_id,
            "sale": sale.name or "public",
            "opens_at": _iso(sale.starts_at) if sale.starts_at else None,
            "status": sale.status.value,
            "by_state": dict(by_state),
        }


def _add(total: dict[str, int], part: Mapping[str, int]) -> None:
    for name, count in part.items():
        total[name] = total.get(name, 0) + count


def _ceil_second(at: datetime) -> datetime:
    return at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
