"""Opt-ins are stored with their proof of consent, their addresses sealed."""

from dataclasses import replace
from datetime import timedelta

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.model.channel import Channel
from fanfare.model.demand import ConsentSource, DemandRequest
from fanfare.model.notification import MessageKind
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from fanfare.topology import World, opt_in_ground
from fanfare.workers import record_demands
from tests.builders import NOW, a_demand, a_fan, a_phone, demands
from tests.workers.at_work import fan_ref


def at_our_door() -> DemandRequest:
    return a_demand(1, at=NOW, intake=ConsentSource.DOOR)


def record(world: World, *requests: DemandRequest) -> tuple[bool, ...]:
    return record_demands.run(requests, ground=opt_in_ground(world))


def stop(world: World) -> None:
    (address_hash,) = world.vault.hash([a_phone(1)])
    at = NOW - timedelta(days=1)
    world.opt_outs.record(
        [OptOut(address_hash=address_hash, channel=Channel.SMS, scope=EVERY_BRAND, active=True, at=at, source="api")]
    )


def is_stopped(world: World) -> bool:
    return bool(world.opt_outs.of(Channel.SMS, world.vault.hash([a_phone(1)])))


def test_nothing_is_stored_of_nobody(world: World) -> None:
    assert record(world) == ()


def test_an_opt_in_is_stored_under_a_stand_in_with_its_address_sealed(world: World) -> None:
    assert record(world, a_demand(1)) == (True,)

    (demand,) = world.demands.of_fan(fan_ref(world))
    assert demand.fan_id == a_fan(1)
    assert a_phone(1).encode() not in demand.address_sealed
    assert world.vault.open([demand.fan_ref], [demand.address_sealed]) == (a_phone(1),)
    assert demand.recorded_at == NOW


def test_the_zones_of_a_phones_prefix_are_kept_with_it(world: World) -> None:
    record(world, a_demand(1))

    assert world.demands.page("event:E1", after=None, limit=10).phone_zones == ("America/Toronto",)


def test_an_equal_opt_in_changes_nothing(world: World) -> None:
    record(world, *demands(2))

    assert record(world, *demands(3)) == (False, False, True)


def test_consent_is_proved_once_for_each_opt_in_that_says_something_new(world: World) -> None:
    record(world, a_demand(1))
    record(world, a_demand(1), a_demand(1, at=NOW))

    (address_hash,) = world.vault.hash([a_phone(1)])
    entries = world.consents.of_address(Channel.SMS, address_hash)
    assert [(entry.act, entry.at, entry.text_id) for entry in entries] == [
        ("opt_in", NOW - timedelta(days=30), "sms-2025-en"),
        ("opt_in", NOW, "sms-2025-en"),
    ]


def test_a_file_lifts_no_opt_out_and_confirms_nothing(world: World) -> None:
    stop(world)

    record(world, a_demand(1, at=NOW))

    assert is_stopped(world)
    assert world.notifications.of_fan(fan_ref(world), 10) == ()


def test_the_fans_own_word_at_our_door_lifts_it_and_is_confirmed_once(world: World) -> None:
    stop(world)

    record(world, at_our_door())
    record(world, at_our_door())

    assert not is_stopped(world)
    (row,) = world.notifications.of_fan(fan_ref(world), 10)
    assert row.kind is MessageKind.OPT_IN_CONFIRMED


def test_an_older_word_at_our_door_lifts_no_later_stop(world: World) -> None:
    stop(world)

    record(world, a_demand(1, intake=ConsentSource.DOOR))

    assert is_stopped(world)


def test_a_brand_without_a_sender_confirms_nothing(world: World) -> None:
    mute = replace(world, senders=())

    assert record(mute, at_our_door()) == (True,)
    assert world.notifications.of_fan(fan_ref(world), 10) == ()


def test_a_forgotten_fan_begins_anew(world: World, clock: SteppedClock) -> None:
    record(world, a_demand(1))
    before = fan_ref(world)
    world.vault.forget(before)
    world.demands.disown(before)
    clock.advance(seconds=60)

    record(world, a_demand(1, at=clock.now()))

    assert fan_ref(world) != before
