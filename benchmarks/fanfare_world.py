"""Fanfare as shipped, over a data directory of its own: what its side and the other Fanfare figures stand on."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, SENDER_ADDRESS, phone
from fanfare import wiring
from fanfare.engines.embedded.clock import SystemClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Consent, DemandRequest
from fanfare.model.event import Attraction, Event, EventStatus, Venue
from fanfare.model.generation import QUEUE, GenerationRequest
from fanfare.model.ids import EventId, FanId, SaleId
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.settings import load
from fanfare.topology import World, opt_in_ground
from fanfare.workers import record_demands

NOON_IN_TORONTO = datetime(2026, 5, 8, 16, 0, tzinfo=UTC)
EVENT_ID = EventId("E1")
SALE_ID = SaleId("E1:public")
LEAD = timedelta(minutes=30)
OPT_INS_A_BATCH = 5_000
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
class Prepared:
    """A world whose fans have opted in, and the sale that nobody has been told of yet."""

    world: World
    engine: EmbeddedEngine
    data_dir: Path

    def open_sale(self) -> None:
        """Store the sale, due now, and request its generation."""
        now = self.world.clock.now()
        sale = Sale(
            sale_id=SALE_ID, event_id=EVENT_ID, kind=SaleKind.PUBLIC, name="", status=SaleStatus.SCHEDULED,
            starts_at=now + LEAD, send_at=now, version=1,
        )  # fmt: skip
        self.world.sales.put(sale)
        request = GenerationRequest(event_id=EVENT_ID, sale_id=SALE_ID)
        self.world.queues.send(QUEUE, [request.to_json()], key=request.key)

    def count(self, state: str) -> int:
        """Count the sale's rows in a state."""
        return self.world.notifications.totals(SALE_ID).by_state.get(state, 0)


@contextmanager
def prepared(folder: Path, *, fans: int, provider_url: str) -> Iterator[Prepared]:
    """Make a data directory in an empty folder and opt the fans in."""
    data_dir = folder / "data"
    clock = DaylightClock()
    engine = EmbeddedEngine.create(data_dir, folder / "store.key", clock=clock)
    data_dir.joinpath("fanfare.toml").write_text(_SETTINGS.format(provider_url=provider_url), encoding="utf-8")
    world = wiring.open_world(engine, load(data_dir, {}).settings, clock)
    world.events.put(_event())
    _opt_in(world, fans)
    yield Prepared(world=world, engine=engine, data_dir=data_dir)
    engine.close()


def _opt_in(world: World, fans: int) -> None:
    ground = opt_in_ground(world)
    requests = (_request(number, world.clock.now()) for number in range(fans))
    while batch := list(itertools.islice(requests, OPT_INS_A_BATCH)):
        record_demands.run(batch, ground=ground)


def _request(number: int, now: datetime) -> DemandRequest:
    return DemandRequest(
        fan_id=FanId(f"fan-{number}"), event_id=EVENT_ID, attraction_id=None, sale_id=None, channel=Channel.SMS,
        address=phone(number), locale=Locale.EN_CA, brand="ticketmaster", zone="America/Toronto", region="CA-ON",
        consent=Consent(at=now, text_id="T1", source="bench"),
    )  # fmt: skip


def _event() -> Event:
    return Event(
        event_id=EVENT_ID, name="The Stars", url="https://tickets.example.test/e/E1", status=EventStatus.ONSALE,
        timezone="America/Toronto", starts_at=NOON_IN_TORONTO + timedelta(days=60), local_date="2026-07-07",
        venue=Venue(
            name="Example Hall", city="Toronto", state_code="ON", country_code="CA", timezone="America/Toronto"
        ),
        attractions=(Attraction(attraction_id="A1", name="The Stars"),), short_url="https://l.example.test/3ExAmPl",
        version=1,
    )  # fmt: skip
