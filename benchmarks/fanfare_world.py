"""Fanfare as shipped, over a data directory of its own: what its side and the other Fanfare figures stand on.

Workers run as ``fanfare serve --part workers`` runs them, a thread and a world for each lane. The one difference is the
wall clock, which shows noon: nobody may be texted at night, and a benchmark is run at any hour.
"""

import itertools
import threading
import time
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, SENDER_ADDRESS, phone
from fanfare import wiring
from fanfare.doors.processes import IDLE_SECONDS, spare_the_collector
from fanfare.engines.embedded.clock import SystemClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Consent, DemandRequest
from fanfare.model.event import Attraction, Event, EventStatus, Venue
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import EventId, FanId, SaleId
from fanfare.model.notification import State
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.runtime import Runtime
from fanfare.settings import Settings, load
from fanfare.topology import Lane, opt_in_ground, routes
from fanfare.workers import record_demands

NOON_IN_TORONTO = datetime(2026, 5, 8, 16, 0, tzinfo=UTC)
LEAD = timedelta(minutes=30)
OPT_INS_A_BATCH = 5_000
POLL_SECONDS = 0.1
STALLED_SECONDS = 30
"""A job in which nothing was DELIVERED for so long has lost something."""
RATE_PER_SECOND = 50_000  # above what any side sends: pace is not what is measured

_SETTINGS = f"""\
[sms]
provider = "twilio"
base_url = "{{provider_url}}"
account_sid = "{ACCOUNT_SID}"
auth_token = "{AUTH_TOKEN}"
reports = "stream"

[links]
base_url = "https://l.example.test"

[[senders]]
name = "sms"
channel = "sms"
brands = ["ticketmaster"]
address = "{SENDER_ADDRESS}"
rate_per_second = {RATE_PER_SECOND}

[[brands]]
key = "ticketmaster"
name = "Ticketmaster"
contact_url = "https://tm.example/c"
"""


class DaylightClock(SystemClock):
    """The machine's clock, with the wall set to noon where the fans are: no run falls into their quiet hours."""

    def __init__(self) -> None:
        """Begin at noon."""
        super().__init__()
        self._shift = NOON_IN_TORONTO - super().now()

    def now(self) -> datetime:
        """Return the shifted instant."""
        return super().now() + self._shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """An event with one sale, and the fans who asked to be told of it."""

    name: str
    fans: int
    first_fan: int = 0

    @property
    def event_id(self) -> EventId:
        """Names the event."""
        return EventId(self.name)

    @property
    def sale_id(self) -> SaleId:
        """Names its only sale."""
        return SaleId(f"{self.name}:public")


class Stage:
    """An open data directory and a world on it, for one thread."""

    def __init__(self, folder: Path, provider_url: str) -> None:
        self.data_dir, self.key_file = places(folder)
        self.clock = DaylightClock()
        self.engine = EmbeddedEngine.create(self.data_dir, self.key_file, clock=self.clock)
        self.settings = _settings(self.data_dir, provider_url)
        self.world = wiring.open_world(self.engine, self.settings, self.clock)

    def opt_in(self, show: Show) -> None:
        """Store the event and what its fans asked for, and let the routes follow those changes."""
        self.world.events.put(_event(show))
        self.world.events.checked(show.event_id, self.clock.now())
        ground = opt_in_ground(self.world)
        numbers = range(show.first_fan, show.first_fan + show.fans)
        requests = (_request(show, number, self.clock.now()) for number in numbers)
        while batch := list(itertools.islice(requests, OPT_INS_A_BATCH)):
            record_demands.run(batch, ground=ground)
        Runtime(routes(self.world), self.world, {Lane.MAIN}).run_until_idle()

    def open_sale(self, show: Show) -> None:
        """Store the sale, due now, and request its generation."""
        now = self.clock.now()
        sale = Sale(
            sale_id=show.sale_id, event_id=show.event_id, kind=SaleKind.PUBLIC, name="", status=SaleStatus.SCHEDULED,
            starts_at=now + LEAD, send_at=now, version=1,
        )  # fmt: skip
        self.world.sales.put(sale)
        request = GenerationRequest(event_id=show.event_id, sale_id=show.sale_id)
        self.world.queues.send(QUEUE, [request.to_json()], key=request.key)

    def count(self, show: Show, state: State) -> int:
        """Count the show's rows in a state."""
        return self.world.notifications.totals(show.sale_id).by_state.get(state, 0)

    def wait_until_ended(self, show: Show) -> int:
        """Wait until all of the show's rows are DELIVERED, or none was for a while; return how many are."""
        delivered, looked_at = 0, time.monotonic()
        while delivered < show.fans:
            time.sleep(POLL_SECONDS)
            is_long = time.monotonic() > looked_at + STALLED_SECONDS
            # This question costs microseconds; counting looks at every row.
            if not is_long and self.world.notifications.next_wake_at() is not None:
                continue
            before, delivered = delivered, self.count(show, State.DELIVERED)
            if is_long and delivered == before:
                break
            looked_at = time.monotonic() if is_long else looked_at
        return delivered

    @contextmanager
    def working(self, lanes: Collection[Lane]) -> Generator[None]:
        """Run lanes, each in a thread of its own."""
        stopping = threading.Event()
        spare_the_collector()
        threads = [threading.Thread(target=self._work, args=(lane, stopping), name=lane.value) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

    def _work(self, lane: Lane, stopping: threading.Event) -> None:
        engine = EmbeddedEngine.open(self.data_dir, self.key_file, clock=self.clock)
        world = wiring.open_world(engine, self.settings, self.clock)
        runtime = Runtime(routes(world), world, {lane})
        while not stopping.is_set():
            if not runtime.step():
                stopping.wait(IDLE_SECONDS)
        engine.close()


def places(folder: Path) -> tuple[Path, Path]:
    """Return where the data directory and its key file are."""
    return folder / "data", folder / "store.key"


def _settings(data_dir: Path, provider_url: str) -> Settings:
    data_dir.joinpath("fanfare.toml").write_text(_SETTINGS.format(provider_url=provider_url), encoding="utf-8")
    return load(data_dir, {}).settings


def _request(show: Show, number: int, now: datetime) -> DemandRequest:
    return DemandRequest(
        fan_id=FanId(f"fan-{number}"), event_id=show.event_id, attraction_id=None, sale_id=None, channel=Channel.SMS,
        address=phone(number), locale=Locale.EN_CA, brand="ticketmaster", zone="America/Toronto", region="CA-ON",
        consent=Consent(at=now, text_id="T1", source="bench"),
    )  # fmt: skip


def _event(show: Show) -> Event:
    return Event(
        event_id=show.event_id, name="The Stars", url="https://tickets.example.test/e/E1", status=EventStatus.ONSALE,
        timezone="America/Toronto", starts_at=NOON_IN_TORONTO + timedelta(days=60), local_date="2026-07-07",
        venue=Venue(
            name="Example Hall", city="Toronto", state_code="ON", country_code="CA", timezone="America/Toronto"
        ),
        attractions=(Attraction(attraction_id="A1", name="The Stars"),), short_url="https://l.example.test/3ExAmPl",
        version=1,
    )  # fmt: skip
