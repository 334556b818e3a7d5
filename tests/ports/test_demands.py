"""What every engine promises about demand, the fans behind it and their contacts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType
from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Demand
from fanfare.model.ids import EventId, FanId, FanRef, SaleId
from tests.ports.given import BRAND, SALE, TARGET, Given, a_demand, an_address_hash


def put(engine: EmbeddedEngine, *demands: Demand) -> tuple[bool, ...]:
    return engine.demands.put(demands, ["America/New_York"] * len(demands))


def withdraw(engine: EmbeddedEngine, number: int, at: datetime, *, target: str | None = None,
             brand: str | None = None, channel: Channel | None = None) -> int:  # fmt: skip
    return engine.demands.withdraw(FanRef(number), at=at, target=target, brand=brand, channel=channel)


def test_a_demand_comes_back_as_it_was_put(engine: EmbeddedEngine, given: Given) -> None:
    by_event = replace(a_demand(1, given.now), sale_id=SALE)
    by_artist = a_demand(1, given.now, event_id=None)

    assert put(engine, by_event, by_artist) == (True, True)

    assert engine.demands.of_fan(FanRef(1)) == (replace(by_event, version=1), replace(by_artist, version=1))


def test_an_equal_demand_changes_nothing(engine: EmbeddedEngine, given: Given) -> None:
    demand = a_demand(1, given.now)
    put(engine, demand)

    again = replace(demand, recorded_at=given.now + timedelta(hours=1), address_sealed=b"another ciphertext")

    assert put(engine, again) == (False,)
    assert engine.demands.of_fan(FanRef(1)) == (replace(demand, version=1),)
    changes, _ = engine.changes.read(None, [RecordType.DEMAND], 10)
    assert len(changes) == 1


def test_the_last_write_wins_and_keeps_the_first_recorded_instant(engine: EmbeddedEngine, given: Given) -> None:
    demand = a_demand(1, given.now)
    put(engine, demand)
    moved = replace(demand, address_hash=an_address_hash(77), locale=Locale.FR_CA)

    assert put(engine, replace(moved, recorded_at=given.now + timedelta(hours=1))) == (True,)

    assert engine.demands.of_fan(FanRef(1)) == (replace(moved, version=2),)


def test_in_one_batch_the_later_of_two_equal_identities_wins(engine: EmbeddedEngine, given: Given) -> None:
    first = a_demand(1, given.now)
    second = replace(first, locale=Locale.EN_CA)

    assert put(engine, first, a_demand(2, given.now), second, second) == (True, True, True, False)

    (stored,) = engine.demands.of_fan(FanRef(1))
    assert (stored.locale, stored.version) == (Locale.EN_CA, 2)


def test_a_withdrawn_demand_is_revived_only_by_a_later_consent(engine: EmbeddedEngine, given: Given) -> None:
    demand = a_demand(1, given.now)
    put(engine, demand)
    withdrawn_at = given.now + timedelta(minutes=5)
    assert withdraw(engine, 1, withdrawn_at) == 1

    stale = replace(demand, consent=replace(demand.consent, at=withdrawn_at), locale=Locale.EN_CA)
    assert put(engine, stale) == (False,)
    assert engine.demands.page(TARGET, after=None, limit=10).fan_refs == ()

    fresh_at = withdrawn_at + timedelta(seconds=1)
    fresh = replace(demand, consent=replace(demand.consent, at=fresh_at), recorded_at=fresh_at)
    assert put(engine, fresh) == (True,)
    page = engine.demands.page(TARGET, after=None, limit=10)
    assert (page.fan_refs, page.recorded_ms) == ((1,), (given.now_ms + 301_000,))


@pytest.mark.parametrize(
    ("match", "left"),
    [
        ({}, 0),
        ({"target": TARGET}, 2),
        ({"target": "event:none"}, 4),
        ({"brand": "livenation"}, 3),
        ({"channel": Channel.EMAIL}, 3),
    ],
)
def test_withdrawing_matches_what_is_named(
    engine: EmbeddedEngine, given: Given, match: dict[str, str], left: int
) -> None:
    demand = a_demand(1, given.now)
    email = replace(demand, event_id=EventId("E2"), channel=Channel.EMAIL)
    put(engine, demand, replace(demand, brand="livenation"), email, replace(demand, event_id=EventId("E2")))
    put(engine, a_demand(2, given.now))

    where = {"target": None, "brand": None, "channel": None} | match
    changed = engine.demands.withdraw(FanRef(1), at=given.now, **where)  # pyright: ignore[reportArgumentType]

    assert changed == 4 - left
    assert sum(each.active for each in engine.demands.of_fan(FanRef(1))) == left
    assert engine.demands.of_fan(FanRef(2))[0].active


def test_withdrawing_twice_changes_nothing_more(engine: EmbeddedEngine, given: Given) -> None:
    given.fans(1)

    assert withdraw(engine, 1, given.now) == 1
    assert withdraw(engine, 1, given.now) == 0
    changes, _ = engine.changes.read(None, [RecordType.DEMAND], 10)
    assert [(each.version, each.old_state, each.new_state) for each in changes] == [
        (1, None, "ACTIVE"),
        (2, "ACTIVE", "WITHDRAWN"),
    ]


def test_a_fans_ref_is_given_once(engine: EmbeddedEngine) -> None:
    adopt = engine.demands.adopt

    assert adopt([FanId("a"), FanId("b")], [FanRef(10), FanRef(20)]) == (10, 20)
    assert adopt([FanId("b"), FanId("c")], [FanRef(99), FanRef(30)]) == (20, 30)
    assert engine.demands.fan_refs([FanId("a"), FanId("c"), FanId("x")]) == {"a": 10, "c": 30}
    assert engine.demands.fan_refs([]) == {}


def test_one_fan_named_twice_in_a_batch_gets_one_ref(engine: EmbeddedEngine) -> None:
    assert engine.demands.adopt([FanId("a"), FanId("a")], [FanRef(1), FanRef(2)]) == (1, 1)


def test_holders_of_an_address_come_oldest_first(engine: EmbeddedEngine, given: Given) -> None:
    put(engine, a_demand(9, given.now, address=5))
    put(engine, a_demand(3, given.now, address=5), a_demand(4, given.now))

    assert engine.demands.holders(Channel.SMS, an_address_hash(5)) == (9, 3)
    assert engine.demands.holders(Channel.EMAIL, an_address_hash(5)) == ()


def test_a_contact_can_be_put_without_any_demand(engine: EmbeddedEngine) -> None:
    def put_contact(number: int) -> int:
        return engine.demands.put_contact(
            FanRef(7), Channel.SMS, an_address_hash(number), b"sealed", phone_zones="America/Toronto",
            zone=None, region=None,
        )  # fmt: skip

    first, second = put_contact(1), put_contact(2)

    assert put_contact(1) == first != second
    assert engine.demands.contact_of(FanRef(7), Channel.SMS) == second
    assert engine.demands.contact_of(FanRef(7), Channel.EMAIL) is None
    assert engine.demands.holders(Channel.SMS, an_address_hash(1)) == (7,)


def test_pages_go_through_an_audience_in_the_order_of_fans(engine: EmbeddedEngine, given: Given) -> None:
    put(engine, *(a_demand(number, given.now) for number in (5, 1, 4, 2, 3)))
    seen: list[int] = []
    after: int | None = None
    while True:
        page = engine.demands.page(TARGET, after=after, limit=2)
        seen += page.fan_refs
        after = page.next_after
        if after is None:
            break

    assert seen == [1, 2, 3, 4, 5]


def test_a_page_carries_what_generation_needs(engine: EmbeddedEngine, given: Given) -> None:
    put(engine, replace(a_demand(1, given.now), sale_id=SALE))

    page = engine.demands.page(TARGET, after=None, limit=10)

    assert page.contact_ids == (engine.demands.contact_of(FanRef(1), Channel.SMS),)
    assert (page.channels, page.brands, page.sale_ids, page.locales) == (("sms",), (BRAND,), (SALE,), ("en-us",))
    assert (page.zones, page.regions, page.phone_zones) == (("America/New_York",), ("US-NY",), ("America/New_York",))
    assert (page.address_hashes, page.recorded_ms) == ((an_address_hash(1),), (given.now_ms,))


def test_a_fan_is_never_split_over_two_pages(engine: EmbeddedEngine, given: Given) -> None:
    demand = a_demand(1, given.now)
    put(engine, demand, replace(demand, brand="livenation"), replace(demand, sale_id=SALE), a_demand(2, given.now))

    first = engine.demands.page(TARGET, after=None, limit=1)
    second = engine.demands.page(TARGET, after=first.next_after, limit=1)

    assert first.fan_refs == (1, 1, 1)
    assert second.fan_refs == (2,)


def test_shards_divide_an_audience(engine: EmbeddedEngine, given: Given) -> None:
    given.fans(10)

    shards = [engine.demands.page(TARGET, after=None, limit=100, shard=shard, shards=3).fan_refs for shard in range(3)]

    assert sorted(fan for shard in shards for fan in shard) == list(range(1, 11))
    assert all(fan % 3 == number for number, shard in enumerate(shards) for fan in shard)


def test_preferences_decide_which_channels_a_page_holds(engine: EmbeddedEngine, given: Given) -> None:
    demand = a_demand(1, given.now)
    put(engine, demand, replace(demand, channel=Channel.EMAIL), replace(demand, brand="livenation"))
    engine.demands.prefer(FanRef(1), BRAND, frozenset({Channel.EMAIL}))

    page = engine.demands.page(TARGET, after=None, limit=10)

    assert set(zip(page.brands, page.channels, strict=True)) == {(BRAND, "email"), ("livenation", "sms")}
    assert engine.demands.preferences(FanRef(1)) == {BRAND: frozenset({Channel.EMAIL})}
    engine.demands.prefer(FanRef(1), BRAND, frozenset())
    assert engine.demands.preferences(FanRef(1)) == {BRAND: frozenset()}
    assert engine.demands.page(TARGET, after=None, limit=10).brands == ("livenation",)


def test_one_fans_page_is_the_fans_only(engine: EmbeddedEngine, given: Given) -> None:
    given.fans(3)

    assert engine.demands.page_of_fan(TARGET, FanRef(2)).fan_refs == (2,)
    assert engine.demands.page_of_fan("event:none", FanRef(2)).fan_refs == ()


def test_demand_is_counted_by_brand_and_channel(engine: EmbeddedEngine, given: Given) -> None:
    given.fans(3)
    put(engine, replace(a_demand(9, given.now), brand="livenation", channel=Channel.EMAIL))
    withdraw(engine, 1, given.now)

    assert engine.demands.count(TARGET) == {(BRAND, "sms"): 2, ("livenation", "email"): 1}
    assert engine.demands.count("event:none") == {}


def test_a_disowned_fan_begins_anew(engine: EmbeddedEngine, given: Given) -> None:
    put(engine, a_demand(1, given.now))
    engine.demands.prefer(FanRef(1), BRAND, frozenset({Channel.SMS}))

    engine.demands.disown(FanRef(1))

    assert engine.demands.fan_refs([FanId("fan-1")]) == {}
    assert engine.demands.holders(Channel.SMS, an_address_hash(1)) == ()
    assert engine.demands.preferences(FanRef(1)) == {}
    assert engine.demands.adopt([FanId("fan-1")], [FanRef(50)]) == (50,)
    engine.demands.disown(FanRef(1))  # again changes nothing


def test_no_change_carries_an_account_id_or_an_address(engine: EmbeddedEngine, given: Given) -> None:
    put(engine, replace(a_demand(1, given.now), sale_id=SaleId("E1:x")))

    (change,) = engine.changes.read(None, [RecordType.DEMAND], 10)[0]

    assert b"fan-1" not in change.image
    assert b"sealed" not in change.image
    assert b"hash" not in change.image
    assert b'"fan_ref":1' in change.image
