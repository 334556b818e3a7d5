"""What port tests stand on: a sale, fans who asked for it, their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel, Locale, Sender
from fanfare.model.demand import Consent, ConsentSource, Demand
from fanfare.model.event import Attraction, Event, Venue
from fanfare.model.ids import AddressHash, EventId, FanId, FanRef, SaleId, SenderName
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Occasion, OccasionKind, Reason, State
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.ports.notifications import DueRows, Intents, NewNotifications, Transitions

EVENT = EventId("E1")
SALE = SaleId("E1:public")
TARGET = "event:E1"
SENDER = SenderName("tm-sms")
BRAND = "ticketmaster"
HASH_BYTES = 16


def an_event(event_id: str = "E1", *, version: int = 1, attractions: Sequence[str] = ("A1",)) -> Event:
    return Event(
        event_id=EventId(event_id),
        name="Zoë Live",
        url="https://example.com/e",
        venue=Venue(name="Arène", city="Québec", country_code="CA", timezone="America/Toronto"),
        attractions=tuple(Attraction(attraction_id=each, name=f"Artist {each}") for each in attractions),
        version=version,
    )


def a_sale(now: datetime, *, sale_id: str = SALE, opens_in_minutes: float = 60, version: int = 1) -> Sale:
    starts_at = now + timedelta(minutes=opens_in_minutes)
    return Sale(
        sale_id=SaleId(sale_id),
        event_id=EventId(sale_id.partition(":")[0]),
        kind=SaleKind.PUBLIC,
        name="",
        status=SaleStatus.SCHEDULED,
        starts_at=starts_at,
        send_at=starts_at - timedelta(minutes=30),
        version=version,
    )


def an_address_hash(number: int) -> AddressHash:
    return AddressHash(number.to_bytes(HASH_BYTES))


def a_demand(number: int, now: datetime, *, address: int | None = None, event_id: str | None = "E1") -> Demand:
    return Demand(
        fan_ref=FanRef(number),
        fan_id=FanId(f"fan-{number}"),
        event_id=EventId(event_id) if event_id else None,
        attraction_id=None if event_id else "A1",
        sale_id=None,
        channel=Channel.SMS,
        brand=BRAND,
        locale=Locale.EN_US,
        zone="America/New_York",
        region="US-NY",
        consent=Consent(at=now, text_id="t1", source="page", intake=ConsentSource.DOOR),
        address_hash=an_address_hash(number if address is None else address),
        address_sealed=b"sealed-%d" % number,
        recorded_at=now,
    )


def a_sender(*, rate: float = 10, burst: int = 20) -> Sender:
    return Sender(
        name=SENDER, channel=Channel.SMS, brands=(BRAND,), address="+15550100", rate_per_second=rate, burst=burst
    )


@dataclass
class Given:
    """Puts things into an engine, at the engine's own clock."""

    engine: EmbeddedEngine
    contacts: dict[FanRef, int] = field(default_factory=dict[FanRef, int])

    @property
    def now(self) -> datetime:
        return self.engine.clock.now()

    @property
    def now_ms(self) -> int:
        return to_ms(self.now)

    def sale(self, sale: Sale | None = None) -> Sale:
        sale = sale or a_sale(self.now)
        self.engine.sales.put(sale)
        return sale

    def moved_sale(self, *, minutes: float) -> Sale:
        """The sale, opening later or earlier, stored as its next revision."""
        sale = self.engine.sales.get(SALE)
        assert sale is not None
        assert sale.starts_at is not None
        starts_at = sale.starts_at + timedelta(minutes=minutes)
        moved = sale.moved(starts_at=starts_at, send_at=starts_at - timedelta(minutes=30))
        self.engine.sales.put(moved)
        return moved

    def fans(self, count: int, *, first: int = 1) -> tuple[FanRef, ...]:
        demands = [a_demand(number, self.now) for number in range(first, first + count)]
        self.engine.demands.put(demands, [""] * count)
        return tuple(demand.fan_ref for demand in demands)

    def rows(
        self,
        fan_refs: Sequence[FanRef],
        *,
        occasion: Occasion | None = None,
        kind: MessageKind = MessageKind.REMINDER,
        state: State = State.CREATED,
        reason: Reason | None = None,
        wake_in_seconds: float = 0,
        revision: int | None = 1,
    ) -> int:
        """Put one row for each fan; return how many were new."""
        count = len(fan_refs)
        occasion = occasion or Occasion(kind=OccasionKind.SALE, name=SALE)
        is_sale = occasion.kind is OccasionKind.SALE
        wake_ms = self.now_ms + round(wake_in_seconds * 1000)
        contact_ids = [self.engine.demands.contact_of(fan_ref, Channel.SMS) or 0 for fan_ref in fan_refs]
        new = NewNotifications(
            occasion=occasion,
            kind=kind,
            sale_id=SaleId(occasion.name) if is_sale else None,
            sale_revision=revision if is_sale else None,
            send_ms=wake_ms,
            cut_off_ms=self.now_ms + 3_600_000 if is_sale else None,
            late=False,
            fan_refs=fan_refs,
            contact_ids=contact_ids,
            channels=[Channel.SMS] * count,
            brands=[BRAND] * count,
            senders=[SENDER] * count,
            locales=["en-us"] * count,
            states=[state] * count,
            reasons=[reason] * count,
            wake_ms=[None if state is State.SUPPRESSED else wake_ms] * count,
        )
        return self.engine.notifications.put(new, self.now)

    def released(self, count: int) -> DueRows:
        """A known sale with so many fans, their rows released to the sender."""
        self.sale()
        self.rows(self.fans(count))
        self.engine.notifications.trigger(SENDER, SALE, revision=1, now=self.now, limit=count)
        return self.engine.notifications.to_send(SENDER, self.now, count)

    def intents(self, rows: DueRows, *, binds: bool = True) -> Intents:
        count = len(rows)
        return Intents(
            ids=rows.ids,
            versions=rows.versions,
            text_hashes=["0123456789abcdef"] * count,
            sale_revisions=rows.sale_revisions,
            opt_out_binds=[binds] * count,
            queued_ms=self.now_ms,
            queued_monotonic=7.5,
            queued_series="series",
            wake_ms=self.now_ms + 60_000,
        )

    def queued(self, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Rows whose attempt is recorded: their ids and fence tokens."""
        rows = self.released(count)
        tokens = self.engine.notifications.intend(self.intents(rows))
        return rows.ids, tuple(token for token in tokens if token is not None)

    def sent(self, count: int) -> tuple[int, ...]:
        """Rows that the provider accepted as ``SM<id>``."""
        ids, tokens = self.queued(count)
        moves = self.moves(ids, tokens, State.QUEUED, State.SENT, wake_in_seconds=3600)
        provider_ids = [f"SM{row_id}" for row_id in ids]
        return self.engine.notifications.move(replace(moves, provider_ids=provider_ids, provider="twilio"))

    def moves(
        self,
        ids: Sequence[int],
        versions: Sequence[int],
        old: State,
        new: State,
        *,
        reason: Reason | None = None,
        wake_in_seconds: float | None = None,
    ) -> Transitions:
        count = len(ids)
        wake_ms = None if wake_in_seconds is None else self.now_ms + round(wake_in_seconds * 1000)
        return Transitions(
            ids=ids,
            versions=versions,
            old_states=[old] * count,
            new_states=[new] * count,
            reasons=[reason] * count,
            wake_ms=[wake_ms] * count,
            at_ms=self.now_ms,
        )
