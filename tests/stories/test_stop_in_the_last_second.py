"""A fan texts STOP between the release of the reminder and its sending; others text ARRET, HELP, START."""

from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import ConsentSource
from fanfare.model.ids import EventId
from fanfare.model.notification import MessageKind, Notification, Reason, State
from fanfare.topology import opt_out_ground
from fanfare.workers import apply_opt_outs, release_notifications
from tests.builders import AN_HOUR, BRAND, a_demand, a_listing, a_mail_demand, a_phone
from tests.stage import Stage
from tests.stories.conftest import OpenStage

E2 = EventId("E2")


def reply(stage: Stage, number: int, kind: MessageKind) -> Notification:
    (row,) = [row for row in stage.rows(number) if row.kind is kind]
    return row


def release(stage: Stage) -> None:
    """One turn of the release, and of nothing else."""
    world = stage.world
    release_notifications.run(
        stage.now, notifications=world.notifications, sales=world.sales, queues=world.queues, switches=world.switches,
        senders=world.senders, clock=stage.clock,
    )  # fmt: skip


def test_between_release_and_intent(stage: Stage) -> None:
    """REQ-001, REQ-004: no send after a recorded opt-out, however late it comes."""
    # Given a reminder that was released a moment ago
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_demand(2))
    stage.pass_time(minutes=10)
    stage.sleep(minutes=20)
    release(stage)
    assert stage.row(1).state is State.TRIGGERED

    # When STOP is recorded before the sender's turn, for one brand, which ends no row by itself
    (address_hash,) = stage.world.vault.hash([a_phone(1)])
    apply_opt_outs.stop(address_hash, Channel.SMS, BRAND, stage.now, "sms_keyword", ground=opt_out_ground(stage.world))
    stage.settle()

    # Then nothing was sent to that fan, and the row says why
    assert (stage.row(1).state, stage.row(1).reason) == (State.SUPPRESSED, Reason.OPTED_OUT)
    assert (stage.row(1).attempts, stage.texts(1)) == (0, [])
    assert stage.row(2).state is State.SENT
    assert len(stage.texts(2)) == 1


def test_a_texted_stop_ends_what_waits_and_is_confirmed_once(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_mail_demand(1))
    stage.pass_time(minutes=10)

    stage.lab.fan_texts("Stop!", a_phone(1))
    stage.pass_time(minutes=55)

    (text,) = stage.texts(1)
    assert "unsubscribed" in text
    assert stage.row(1).reason is Reason.OPTED_OUT
    assert stage.row(1, channel=Channel.EMAIL).state is State.SENT, "STOP by text says nothing about mail"
    assert stage.ledger(a_phone(1))["after_opt_out"] == 0


def test_arret_is_answered_in_french(stage: Stage) -> None:
    """REQ-003."""
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1, locale=Locale.EN_CA))
    stage.pass_time(minutes=1)

    stage.lab.fan_texts("arrêt", a_phone(1))
    stage.pass_time(minutes=1)

    assert stage.texts(1)[0].startswith("Ticketmaster: Désabonnement fait")
    assert reply(stage, 1, MessageKind.OPT_OUT_CONFIRMED).state is State.DELIVERED


def test_help_is_answered_to_a_stranger_and_to_a_fan_who_opted_out(stage: Stage) -> None:
    stage.opt_in(a_demand(1))
    stage.lab.fan_texts("STOP", a_phone(1))
    stage.pass_time(minutes=1)

    stage.lab.fan_texts("HELP", a_phone(1))
    stage.lab.fan_texts("HELP", a_phone(2))
    stage.pass_time(minutes=1)

    assert "https://tm.example/c" in stage.texts(1)[1]
    assert len(stage.texts(2)) == 1
    assert stage.ledger()["after_opt_out"] == 0


def test_start_lifts_a_stop_only_where_a_consent_is_stored(stage: Stage) -> None:
    # Given a fan with a consent and a stranger, who both texted STOP
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    for number in (1, 2):
        stage.lab.fan_texts("STOP", a_phone(number))
    stage.pass_time(minutes=1)

    # When both text START
    for number in (1, 2):
        stage.lab.fan_texts("START", a_phone(number))
    stage.pass_time(minutes=1)

    # Then one may be told again, and is told so; the other is left alone
    hashes = stage.world.vault.hash([a_phone(1), a_phone(2)])
    assert list(stage.world.opt_outs.of(Channel.SMS, hashes)) == [hashes[1]]
    assert "resumed" in stage.texts(1)[1]
    assert len(stage.texts(2)) == 1


def test_an_import_lifts_no_stop_but_the_fans_own_word_at_our_door_does(stage: Stage) -> None:
    # Given a fan who texted STOP
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    stage.lab.fan_texts("STOP", a_phone(1))
    stage.pass_time(minutes=1)

    # When a file names the fan again, and another fan comes to our own door after a STOP
    stage.opt_in(a_demand(1, at=stage.now))
    stage.lab.fan_texts("STOP", a_phone(2))
    stage.pass_time(minutes=1)
    stage.opt_in(a_demand(2, at=stage.now, intake=ConsentSource.DOOR))
    stage.pass_time(minutes=59)

    # Then only the second is told
    assert stage.row(1).reason is Reason.OPTED_OUT
    assert stage.row(2).state is State.DELIVERED
    assert stage.ledger(a_phone(1))["after_opt_out"] == 0


def test_a_provider_that_says_opted_out_is_believed(open_stage: OpenStage) -> None:
    """REQ-004: what is final is final at once."""
    # Given a provider who knows of a STOP that we never saw
    stage = open_stage(faults="opted_out=1")
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))

    # When it refuses with 21610
    stage.pass_time(minutes=61)

    # Then the row is final at the first attempt, and the next sale does not try
    row = stage.row(1)
    assert (row.state, row.reason, row.attempts, row.provider_code) == (State.FAILED, Reason.OPTED_OUT, 1, 21610)
    stage.hear_of(a_listing(event_id=E2, opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1, event_id=E2))
    stage.pass_time(minutes=61)
    assert [row.state for row in stage.rows(1)] == [State.FAILED, State.SUPPRESSED]
