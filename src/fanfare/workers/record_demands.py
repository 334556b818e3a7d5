"""Store opt-ins with their proof of consent, their addresses sealed from the first write on.

Arrives: checked demand requests, from a file or a door. Leaves: demands, contacts, the consent ledger, and for an
opt-in at our own door one confirmation and any older opt-out lifted. An import confirms nothing and lifts nothing.
May fail: Permanent when a fan was forgotten while the batch was under way; the caller repeats it.
Original name: none (the demand store's writer).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from fanfare.model.channel import Channel, Locale, Sender
from fanfare.model.demand import ConsentSource, Demand, DemandRequest
from fanfare.model.ids import AddressHash, FanRef
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Occasion, OccasionKind, State
from fanfare.ports.clock import Clock
from fanfare.ports.consents import ConsentEntry, Consents
from fanfare.ports.demands import Demands
from fanfare.ports.ids import Ids
from fanfare.ports.notifications import NewNotifications, Notifications
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut, OptOuts
from fanfare.ports.vault import Vault
from fanfare.rules import audiences, kinds, phones

BATCH_MAX = 5_000
"""Opt-ins stored in one call: the store's own bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports that an opt-in meets."""

    demands: Demands
    vault: Vault
    consents: Consents
    opt_outs: OptOuts
    notifications: Notifications
    clock: Clock
    ids: Ids
    senders: Sequence[Sender]


def batches(requests: Iterable[DemandRequest]) -> Iterator[list[DemandRequest]]:
    """Cut opt-ins into batches that ``run`` takes."""
    following = iter(requests)
    while batch := list(islice(following, BATCH_MAX)):
        yield batch


def run(batch: Sequence[DemandRequest], *, ground: Ground) -> tuple[bool, ...]:
    """Store up to 5,000 opt-ins; tell of each whether it changed anything."""
    if not batch:
        return ()
    now = ground.clock.now()
    refs = ground.demands.adopt([request.fan_id for request in batch], [ground.ids.fan_ref() for _ in batch])
    addresses = [request.address for request in batch]
    hashes = ground.vault.hash(addresses)
    sealed = ground.vault.seal(refs, addresses)

    rows = [_demand(*parts, now) for parts in zip(batch, refs, hashes, sealed, strict=True)]
    zones = [",".join(phones.zones(r.address)) if r.channel is Channel.SMS else "" for r in batch]

    changed = ground.demands.put(rows, zones)
    fresh = [row for row, is_new in zip(rows, changed, strict=True) if is_new]
    ground.consents.append([_consent(row) for row in fresh])
    _welcome([row for row in fresh if row.consent.intake is ConsentSource.DOOR], now, ground)
    return changed


def _demand(request: DemandRequest, fan_ref: FanRef, address_hash: AddressHash, sealed: bytes, now: datetime) -> Demand:
    return Demand(
        fan_ref=fan_ref,
        fan_id=request.fan_id,
        event_id=request.event_id,
        attraction_id=request.attraction_id,
        sale_id=request.sale_id,
        channel=request.channel,
        brand=request.brand,
        locale=request.locale,
        zone=request.zone,
        region=request.region,
        consent=request.consent,
        address_hash=address_hash,
        address_sealed=sealed,
        recorded_at=now,
    )


def _consent(demand: Demand) -> ConsentEntry:
    return ConsentEntry(
        fan_ref=demand.fan_ref,
        channel=demand.channel,
        brand=demand.brand,
        address_hash=demand.address_hash,
        act="opt_in",
        at=demand.consent.at,
        text_id=demand.consent.text_id,
        source=demand.consent.source,
        locale=demand.locale.value if demand.locale else None,
    )


def _welcome(demands: Sequence[Demand], now: datetime, ground: Ground) -> None:
    """Lift an older opt-out (the fan came to our own door) and confirm the opt-in once."""
    ground.opt_outs.record(
        [
            OptOut(
                address_hash=demand.address_hash,
                channel=demand.channel,
                scope=scope,
                active=False,
                at=demand.consent.at,
                source="opt_in",
            )
            for demand in demands
            for scope in (EVERY_BRAND, demand.brand)
        ]
    )
    for demand in demands:
        _confirm(demand, now, ground)


def _confirm(demand: Demand, now: datetime, ground: Ground) -> None:
    contact_id = ground.demands.contact_of(demand.fan_ref, demand.channel)
    sender = audiences.sender_of(ground.senders, demand.brand, demand.channel)
    if contact_id is None or sender is None:
        return
    occasion = f"{demand.brand}:{demand.event_id or demand.attraction_id}:{to_ms(demand.consent.at)}"
    cut_off_at = kinds.cut_off_at(MessageKind.OPT_IN_CONFIRMED, made_at=now, opens_at=None)
    ground.notifications.put(
        NewNotifications(
            occasion=Occasion(kind=OccasionKind.CONSENT, name=occasion),
            kind=MessageKind.OPT_IN_CONFIRMED,
            sale_id=None,
            sale_revision=None,
            send_ms=to_ms(now),
            cut_off_ms=to_ms(cut_off_at),
            late=False,
            fan_refs=[demand.fan_ref],
            contact_ids=[contact_id],
            channels=[demand.channel.value],
            brands=[demand.brand],
            senders=[sender.name],
            locales=[(demand.locale or Locale.EN_US).value],
            states=[State.CREATED],
            reasons=[None],
            wake_ms=[to_ms(now)],
        ),
        now,
    )
