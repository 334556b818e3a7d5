"""Demand, the fans behind it, and their contacts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fanfare.engines.embedded import changes
from fanfare.engines.embedded.database import Database, Row, Tx, strings
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Consent, ConsentSource, Demand
from fanfare.model.ids import AddressHash, EventId, FanId, FanRef, SaleId
from fanfare.model.instant import from_ms, to_ms
from fanfare.ports.clock import Clock
from fanfare.ports.demands import DemandPage

LAST_FAN = (1 << 63) - 1

_FAN_REFS = statement("demands.fan_refs")
_ADOPT = statement("demands.adopt")
_HOLDERS = statement("demands.holders")
_CONTACT_OF = statement("demands.contact_of")
_PUT_TARGET = statement("demands.put/target")
_TARGET_KEY = statement("demands.put/target_key")
_PUT_CHECK = statement("events.put/check")
_PUT_CONTACT = statement("demands.put/contact")
_CONTACT_ID = statement("demands.put_contact")
_STORED = statement("demands.put/stored")
_PUT_NEW = statement("demands.put/new")
_REPLACE = statement("demands.put/replace")
_PAGE_END = statement("demands.page/end")
_PAGE = statement("demands.page")
_COUNT = statement("demands.count")
_OF_FAN = statement("demands.of_fan")
_WITHDRAW = statement("demands.withdraw")
_DISOWN = tuple(statement(f"demands.disown/{part}") for part in ("fan", "contacts", "preferences"))
_PREFER = statement("demands.prefer")
_PREFERENCES = statement("demands.preferences")


class Demands:
    """The demands of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in this file; changes are dated by the clock."""
        self._database = database
        self._clock = clock

    def put(self, demands: Sequence[Demand], phone_zones: Sequence[str]) -> tuple[bool, ...]:
        """Store demands with their contacts; tell of each whether it changed anything."""
        if not demands:
            return ()
        at_ms = to_ms(self._clock.now())
        return self._database.write(lambda tx: _put(tx, demands, phone_zones, at_ms))

    def fan_refs(self, fan_ids: Sequence[FanId]) -> dict[FanId, FanRef]:
        """Return the refs of the fans that are known."""
        if not fan_ids:
            return {}
        return {FanId(row[0]): FanRef(row[1]) for row in self._database.rows(_FAN_REFS, (strings(fan_ids),))}

    def adopt(self, fan_ids: Sequence[FanId], fresh: Sequence[FanRef]) -> tuple[FanRef, ...]:
        """Return each fan's ref, giving the fresh one where there is none."""
        if not fan_ids:
            return ()

        def work(tx: Tx) -> dict[FanId, FanRef]:
            tx.run_many(_ADOPT, zip(fan_ids, fresh, strict=True))
            return {FanId(row[0]): FanRef(row[1]) for row in tx.rows(_FAN_REFS, (strings(fan_ids),))}

        known = self._database.write(work)
        return tuple(known[fan_id] for fan_id in fan_ids)

    def holders(self, channel: Channel, address_hash: AddressHash) -> tuple[FanRef, ...]:
        """Return the fans who gave this address, oldest first."""
        return tuple(FanRef(row[0]) for row in self._database.rows(_HOLDERS, (channel, address_hash)))

    def put_contact(
        self,
        fan_ref: FanRef,
        channel: Channel,
        address_hash: AddressHash,
        sealed: bytes,
        *,
        phone_zones: str,
        zone: str | None,
        region: str | None,
    ) -> int:
        """Put an address of a fan without any demand, if absent; return its contact id."""

        def work(tx: Tx) -> int:
            tx.run(_PUT_CONTACT, (fan_ref, channel, address_hash, sealed, phone_zones, zone, region))
            return tx.value(_CONTACT_ID, (fan_ref, channel, address_hash))

        return self._database.write(work)

    def contact_of(self, fan_ref: FanRef, channel: Channel) -> int | None:
        """Return the newest contact of the fan on the channel."""
        contact_id: int | None = self._database.value(_CONTACT_OF, (fan_ref, channel))
        return contact_id

    def page(self, target: str, *, after: int | None, limit: int, shard: int = 0, shards: int = 1) -> DemandPage:
        """Return one page of an audience by fan refs; ``limit`` counts demands, before preferences are obeyed."""
        return self._database.read(lambda tx: _page(tx, target, after or 0, limit, (shards, shard)))

    def page_of_fan(self, target: str, fan_ref: FanRef) -> DemandPage:
        """Return one fan's active demands for a target."""
        key = self._database.value(_TARGET_KEY, (target,))
        return _columns(self._database.rows(_PAGE, (key, fan_ref - 1, fan_ref, 1, 0)), None)

    def count(self, target: str) -> dict[tuple[str, str], int]:
        """Return how many active demands the target has by (brand, channel)."""
        return {(row[0], row[1]): row[2] for row in self._database.rows(_COUNT, (target,))}

    def of_fan(self, fan_ref: FanRef) -> tuple[Demand, ...]:
        """Return every demand of a fan, withdrawn ones too."""
        return tuple(_demand(row) for row in self._database.rows(_OF_FAN, (fan_ref,)))

    def withdraw(
        self, fan_ref: FanRef, *, at: datetime, target: str | None, brand: str | None, channel: Channel | None
    ) -> int:
        """Make the fan's demands that match inactive; return how many changed."""
        return self._database.write(lambda tx: _withdraw(tx, (fan_ref, to_ms(at), target, brand, channel)))

    def disown(self, fan_ref: FanRef) -> None:
        """Cut the tie between a forgotten fan's ref and the fan id; ciphertexts, hashes and preferences go too."""

        def work(tx: Tx) -> None:
            for sql in _DISOWN:
                tx.run(sql, (fan_ref,))

        self._database.write(work)

    def prefer(self, fan_ref: FanRef, brand: str, channels: frozenset[Channel]) -> None:
        """Record which channels the fan accepts for the brand."""
        self._database.change(_PREFER, (fan_ref, brand, f",{','.join(sorted(channels))},"))

    def preferences(self, fan_ref: FanRef) -> dict[str, frozenset[Channel]]:
        """Return the recorded preferences by brand."""
        return {
            row[0]: frozenset(Channel(name) for name in row[1].split(",") if name)
            for row in self._database.rows(_PREFERENCES, (fan_ref,))
        }


def _put(tx: Tx, demands: Sequence[Demand], phone_zones: Sequence[str], at_ms: int) -> tuple[bool, ...]:
    keys = _target_keys(tx, demands)
    answers: dict[int, bool] = {}
    for places in _rounds(demands):
        ordered = [demands[place] for place in places]
        tx.run_many(_ADOPT, [(demand.fan_id, demand.fan_ref) for demand in ordered])
        tx.run_many(_PUT_CONTACT, [_contact(demands[place], phone_zones[place]) for place in places])
        answers |= zip(places, _put_distinct(tx, ordered, keys, at_ms), strict=True)
    return tuple(answers[place] for place in range(len(demands)))


def _rounds(demands: Sequence[Demand]) -> Iterable[list[int]]:
    """Return places in the order of fan refs, split so that no round names an identity twice."""
    seen: Counter[Row] = Counter()
    rounds: dict[int, list[int]] = {}
    for place, demand in enumerate(demands):
        identity = (demand.target, demand.fan_ref, demand.sale_id, demand.brand, demand.channel)
        rounds.setdefault(seen[identity], []).append(place)
        seen[identity] += 1
    return [sorted(places, key=lambda place: demands[place].fan_ref) for places in rounds.values()]


def _target_keys(tx: Tx, demands: Iterable[Demand]) -> dict[str, int]:
    targets = {demand.target: demand.event_id for demand in demands}
    tx.run_many(_PUT_TARGET, [(target,) for target in targets])
    tx.run_many(_PUT_CHECK, [(event_id,) for event_id in targets.values() if event_id is not None])
    return {target: tx.value(_TARGET_KEY, (target,)) for target in targets}


def _contact(demand: Demand, phone_zones: str) -> Row:
    return (
        demand.fan_ref,
        demand.channel,
        demand.address_hash,
        demand.address_sealed,
        phone_zones,
        demand.zone,
        demand.region,
    )


def _put_distinct(tx: Tx, demands: Sequence[Demand], keys: dict[str, int], at_ms: int) -> list[bool]:
    identities = [_identity(demand, keys) for demand in demands]
    asked = [(*identity, demand.address_hash) for identity, demand in zip(identities, demands, strict=True)]
    fresh: list[Row] = []
    replaced: dict[bool, list[Row]] = {True: [], False: []}
    answers: list[bool] = []
    for demand, identity, stored in zip(demands, identities, tx.rows_of(_STORED, asked), strict=True):
        key, is_active, contact_id = stored[0], bool(stored[1]), stored[-1]
        said = _said(demand, contact_id)
        values = (contact_id, *said[:-1], to_ms(demand.recorded_at), demand.active)
        answers.append(key is None or _changes(stored, said))
        if key is None:
            fresh.append((*identity, *values))
        elif answers[-1]:
            replaced[is_active].append((key, *values))
    _append(tx, [row[0] for row in tx.rows_of(_PUT_NEW, fresh)], None, at_ms)
    for is_active, rows in replaced.items():
        tx.run_many(_REPLACE, rows)
        _append(tx, [row[0] for row in rows], "ACTIVE" if is_active else "WITHDRAWN", at_ms)
    return answers


def _identity(demand: Demand, keys: dict[str, int]) -> Row:
    return keys[demand.target], demand.fan_ref, demand.sale_id or "", demand.brand, demand.channel


def _changes(stored: Row, said: Row) -> bool:
    """Tell whether an opt-in says anything new: an active demand other words, a withdrawn one a later consent."""
    is_active, withdrawn_ms = stored[1], stored[2]
    return stored[3:-1] != said if is_active else said[3] > (withdrawn_ms or 0)


def _append(tx: Tx, keys: list[int], old_state: str | None, at_ms: int) -> None:
    if keys:
        changes.append_demands(tx, keys, old_state, at_ms)


def _said(demand: Demand, contact_id: int) -> Row:
    """Return what a demand says beyond its identity, in the order of the stored columns."""
    consent = demand.consent
    where = (demand.locale, demand.zone, demand.region)
    return (*where, to_ms(consent.at), consent.text_id, consent.source, consent.intake, contact_id)


def _withdraw(tx: Tx, match: tuple[int, int, str | None, str | None, str | None]) -> int:
    keys = [row[0] for row in tx.rows(_WITHDRAW, match)]
    _append(tx, keys, "ACTIVE", match[1])
    return len(keys)


def _page(tx: Tx, target: str, after: int, limit: int, shard: tuple[int, int]) -> DemandPage:
    found = tx.rows(_TARGET_KEY, (target,))
    if not found:
        return _columns([], None)
    key = found[0][0]
    end = tx.rows(_PAGE_END, (key, after, limit, *shard))
    last: int = end[0][0] if end else LAST_FAN
    rows = tx.rows(_PAGE, (key, after, last, *shard))
    return _columns(rows, last if end else None)


def _columns(rows: list[Row], next_after: int | None) -> DemandPage:
    columns: tuple[tuple[Any, ...], ...] = tuple(zip(*rows, strict=True)) if rows else ((),) * 11
    return DemandPage(*columns, next_after=next_after)


def _demand(row: Row) -> Demand:
    kind, _, name = str(row[2]).partition(":")
    return Demand(
        fan_ref=FanRef(row[0]),
        fan_id=FanId(row[1]),
        event_id=EventId(name) if kind == "event" else None,
        attraction_id=name if kind == "attraction" else None,
        sale_id=SaleId(row[3]) if row[3] else None,
        channel=Channel(row[4]),
        brand=row[5],
        locale=Locale(row[6]) if row[6] else None,
        zone=row[7],
        region=row[8],
        consent=Consent(at=from_ms(row[9]), text_id=row[10], source=row[11], intake=ConsentSource(row[12])),
        address_hash=AddressHash(row[13]),
        address_sealed=row[14],
        recorded_at=from_ms(row[15]),
        active=bool(row[16]),
        version=row[17],
    )
