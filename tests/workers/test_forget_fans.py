"""Erasure: the key is gone, the opt-out stays, what waited has ended."""

import pytest

from fanfare.model.channel import Channel
from fanfare.model.ids import FanId
from fanfare.model.notification import Reason
from fanfare.ports.faults import Permanent
from fanfare.ports.vault import ErasureCertificate
from fanfare.topology import World
from fanfare.workers import forget_fans
from tests.builders import a_demand, a_fan, a_mail_demand, a_mailbox, a_phone
from tests.workers.at_work import fan_ref, generate, opt_in, plan, store


def forget(world: World, *fans: FanId) -> tuple[ErasureCertificate, ...]:
    return forget_fans.run(
        fans, demands=world.demands, notifications=world.notifications, opt_outs=world.opt_outs, vault=world.vault,
        clock=world.clock,
    )  # fmt: skip


@pytest.fixture
def ready(world: World) -> World:
    """Two fans whose reminders wait, one by text and mail."""
    store(world)
    opt_in(world, a_demand(1), a_mail_demand(1), a_demand(2))
    plan(world)
    generate(world)
    return world


def test_everything_that_waits_is_ended_and_nothing_can_be_read(ready: World) -> None:
    ref = fan_ref(ready)
    sealed = [demand.address_sealed for demand in ready.demands.of_fan(ref)]

    (certificate,) = forget(ready, a_fan(1))

    assert (certificate.fan_ref, certificate.destroyed_at) == (ref, ready.clock.now())
    assert certificate.backups_end_at > certificate.destroyed_at
    assert ready.vault.open([ref] * 2, sealed) == (None, None)
    assert {row.reason for row in ready.notifications.of_fan(ref, 10)} == {Reason.FORGOTTEN}
    assert not any(demand.active for demand in ready.demands.of_fan(ref))
    assert ready.demands.fan_refs([a_fan(1)]) == {}


def test_the_opt_out_stays_as_its_hash(ready: World) -> None:
    forget(ready, a_fan(1))

    for channel, address in ((Channel.SMS, a_phone(1)), (Channel.EMAIL, a_mailbox(1))):
        hashes = ready.vault.hash([address])
        assert list(ready.opt_outs.of(channel, hashes)) == list(hashes)


def test_another_fan_is_left_alone(ready: World) -> None:
    forget(ready, a_fan(1))

    assert {row.reason for row in ready.notifications.of_fan(fan_ref(ready, 2), 10)} == {None}


def test_a_fan_whom_nobody_knows_is_refused_and_nobody_is_forgotten(ready: World) -> None:
    with pytest.raises(Permanent, match="1 of 2 fans"):
        forget(ready, a_fan(1), a_fan(9))

    assert fan_ref(ready, 1)
