"""What fans text: stop, start, help."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel, Locale
from fanfare.model.ids import FanRef
from fanfare.model.notification import MessageKind, Notification, Reason, State
from fanfare.model.report import InboundText
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.topology import World, opt_out_ground
from fanfare.workers import apply_opt_outs
from tests.builders import BRAND, NOW, OTHER_BRAND, a_demand, a_mail_demand, a_phone
from tests.workers.at_work import SETTINGS, a_world, fan_ref, generate, opt_in, plan, row, store

OURS = "+15005550006"


def hear(
    world: World, body: str, *, number: int = 1, nth: int = 1, replied: bool = False, to: str = OURS,
    at: datetime | None = None, sent_from: str | None = None,
) -> int:  # fmt: skip
    text = InboundText(
        provider_id=f"SM{nth}",
        from_address=sent_from or a_phone(number),
        to_address=to,
        body=body,
        at=at or world.clock.now(),
        provider_replied=replied,
    )
    world.inbox.leave_texts([text])
    return apply_opt_outs.run(ground=opt_out_ground(world))


def scopes(world: World, number: int = 1) -> frozenset[str]:
    (address_hash,) = world.vault.hash([a_phone(number)])
    return world.opt_outs.of(Channel.SMS, [address_hash]).get(address_hash, frozenset())


def replies(world: World, number: int = 1) -> list[Notification]:
    rows = world.notifications.of_fan(fan_ref(world, number), 10)
    return [each for each in rows if each.kind is not MessageKind.REMINDER]


def waiting(world: World) -> None:
    """A fan with a text and a mail that wait."""
    store(world)
    opt_in(world, a_demand(1, locale=Locale.EN_CA), a_mail_demand(1))
    plan(world)
    generate(world)


@pytest.mark.parametrize("body", ["STOP", "stop.", "Unsubscribe", "please stop texting me", "arrêt"])
def test_a_stop_binds_every_brand_and_ends_the_texts_that_wait(world: World, body: str) -> None:
    waiting(world)

    assert hear(world, body) == 1

    assert scopes(world) == {EVERY_BRAND}
    assert row(world).reason is Reason.OPTED_OUT
    assert row(world, channel=Channel.EMAIL).state is State.CREATED
    assert [reply.kind for reply in replies(world)] == [MessageKind.OPT_OUT_CONFIRMED]


def test_a_stop_may_bind_the_brand_alone(engine: EmbeddedEngine) -> None:
    one_brand = a_world(engine, policy={"stop_scope": "brand"}, senders=[{**SETTINGS["senders"][0], "brands": [BRAND]}])
    waiting(one_brand)

    hear(one_brand, "STOP")

    assert scopes(one_brand) == {BRAND}


def test_a_stop_to_a_number_of_two_brands_bound_the_first_only_and_binds_both(engine: EmbeddedEngine) -> None:
    shared = a_world(engine, policy={"stop_scope": "brand"})
    waiting(shared)

    hear(shared, "STOP")
    assert scopes(shared) == {BRAND, OTHER_BRAND}

    hear(shared, "START", nth=2)
    assert scopes(shared) == frozenset()


def test_a_stop_to_a_number_of_a_pool_bound_whatever_brand_came_first_and_binds_every_one(
    engine: EmbeddedEngine,
) -> None:
    pooled = a_world(engine, policy={"stop_scope": "brand"})
    waiting(pooled)

    hear(pooled, "STOP", to="+15005550009")

    assert scopes(pooled) == {EVERY_BRAND}


def test_a_start_that_seems_to_come_from_tomorrow_does_not_outlast_a_later_stop(world: World) -> None:
    waiting(world)
    hear(world, "START", at=world.clock.now() + timedelta(days=1))

    hear(world, "STOP", nth=2)

    assert scopes(world) == {EVERY_BRAND}


def test_the_ledger_of_consents_tells_of_it(world: World) -> None:
    waiting(world)
    hear(world, "STOP")

    (address_hash,) = world.vault.hash([a_phone(1)])
    acts = [entry.act for entry in world.consents.of_address(Channel.SMS, address_hash)]
    assert acts == ["opt_in", "opt_out"]
    assert world.consents.verify() is None


def test_the_same_text_twice_is_answered_once(world: World) -> None:
    waiting(world)
    hear(world, "HELP")
    hear(world, "HELP")

    assert len(replies(world)) == 1


def test_an_answer_that_the_provider_gave_is_not_given_again(world: World) -> None:
    waiting(world)
    hear(world, "STOP", replied=True)

    assert scopes(world) == {EVERY_BRAND}
    assert replies(world) == []


def test_start_lifts_a_stop_where_a_consent_is_stored(world: World) -> None:
    waiting(world)
    hear(world, "STOP")

    hear(world, "START", nth=2)

    assert scopes(world) == frozenset()
    assert [reply.kind for reply in replies(world)] == [MessageKind.START_CONFIRMED, MessageKind.OPT_OUT_CONFIRMED]


def test_a_copy_of_an_old_start_lifted_a_later_stop_once_the_web_door_had_forgotten_it_and_lifts_nothing(
    world: World,
) -> None:
    waiting(world)
    hear(world, "START", nth=2)
    hear(world, "STOP", nth=3)

    hear(world, "START", nth=2)

    assert scopes(world) == {EVERY_BRAND}


def test_start_from_a_stranger_lifts_and_says_nothing(world: World) -> None:
    hear(world, "STOP", number=7)
    hear(world, "START", number=7, nth=2)

    assert scopes(world, 7) == {EVERY_BRAND}


@pytest.mark.parametrize(("body", "locale"), [("AIDE", "fr-ca"), ("HELP", "en-ca")])
def test_an_answer_is_in_the_language_of_the_word_else_the_fans(world: World, body: str, locale: str) -> None:
    """REQ-003."""
    waiting(world)
    hear(world, body)

    (reply,) = replies(world)
    assert reply.kind is MessageKind.HELP
    # The record keeps no words; what is due does.
    world.notifications.trigger(reply.sender or world.senders[0].name, None, revision=None, now=NOW, limit=5)
    due = world.notifications.to_send(reply.sender or world.senders[0].name, NOW, 5)
    assert due.locales == (locale,)


def test_any_other_text_changes_nothing(world: World) -> None:
    waiting(world)

    assert hear(world, "When do doors open?") == 1

    assert (scopes(world), replies(world)) == (frozenset(), [])


def test_a_stranger_who_asks_for_help_is_answered_under_a_sealed_address(world: World) -> None:
    hear(world, "HELP", number=7)
    world.notifications.trigger(world.senders[0].name, None, revision=None, now=NOW, limit=5)

    due = world.notifications.to_send(world.senders[0].name, NOW, 5)

    assert world.vault.open(due.fan_refs, due.sealed) == (a_phone(7),)


@pytest.mark.parametrize("sent_from", ["12345", "AMAZON", "+1", "+442071838750", "not a number"])
def test_a_help_from_what_is_no_phone_held_up_every_stop_behind_it_and_is_passed_over(
    world: World, sent_from: str
) -> None:
    waiting(world)
    text = InboundText(
        provider_id="SM8", from_address=sent_from, to_address=OURS, body="HELP", at=NOW, provider_replied=False
    )
    world.inbox.leave_texts([text])

    assert hear(world, "STOP") >= 1

    assert scopes(world) == {EVERY_BRAND}
    assert world.inbox.take_texts(5) == (0, ())
    assert [reply.kind for reply in replies(world)] == [MessageKind.OPT_OUT_CONFIRMED]


def test_a_text_that_can_never_be_applied_is_kept_sealed_and_no_stop_waits_behind_it(world: World) -> None:
    waiting(world)
    broken = replace(opt_out_ground(world), ids=Broken(seed=1))
    for nth, (body, number) in enumerate((("HELP", 7), ("STOP", 1))):
        world.inbox.leave_texts(
            [InboundText(provider_id=f"SM{nth}", from_address=a_phone(number), to_address=OURS, body=body, at=NOW,
                         provider_replied=False)]
        )  # fmt: skip

    assert apply_opt_outs.run(ground=broken) == 2

    assert scopes(world) == {EVERY_BRAND}
    assert world.inbox.take_texts(5) == (0, ())
    (letter,) = world.queues.dead_letters(None, 5)
    assert "defect" in letter.reason
    assert a_phone(7)[1:] not in letter.body
    assert "HELP" not in letter.body


class Broken(SeededIds):
    """Draws nothing."""

    def fan_ref(self) -> FanRef:
        raise RuntimeError("a defect")
