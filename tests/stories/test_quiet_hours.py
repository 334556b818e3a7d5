"""Nobody is texted at night where they are: they get a mail, or the text in the morning, or a row that says why not."""

from dataclasses import replace
from datetime import timedelta

from fanfare.model.channel import Channel
from fanfare.model.ids import EventId
from fanfare.model.notification import Reason, State
from fanfare.model.sale import Sale
from tests.builders import AN_HOUR, a_demand, a_listing, a_mail_demand, a_mailbox, a_phone, in_hawaii
from tests.stage import Stage

E2 = EventId("E2")


def test_a_fan_in_hawaii_is_not_woken_but_gets_a_mail_where_consented(stage: Stage) -> None:
    """REQ-001: quiet hours are visible with their reason."""
    # Given a sale at half past six in Hawaii; one fan consented to mail for some other event
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(in_hawaii(a_demand(1)), in_hawaii(a_demand(2)), a_demand(3))
    stage.opt_in(in_hawaii(a_mail_demand(1, event_id=E2)))

    stage.pass_time(minutes=61)

    # Then no text went to Hawaii, and the mail is counted in the audience
    assert stage.ends() == {"SUPPRESSED(quiet_hours)": 2, "DELIVERED": 1, "SENT": 1}
    assert stage.row(1, channel=Channel.EMAIL).state is State.SENT
    assert stage.ledger(a_phone(1))["accepted"] == 0
    assert stage.ledger(a_mailbox(1))["accepted"] == 1


def test_a_fan_who_has_time_is_told_in_the_morning(stage: Stage) -> None:
    # Given a sale at half past eight in Hawaii, whose lead is half an hour and whose day begins at eight
    stage.hear_of(a_listing(opens_at=stage.now + 3 * AN_HOUR))
    stage.world.sales.put(_with_lead(stage, timedelta(hours=2)))
    stage.opt_in(in_hawaii(a_demand(1)))

    stage.pass_time(minutes=100)
    assert stage.row(1).state is State.CREATED
    stage.pass_time(minutes=81)

    assert stage.row(1).state is State.DELIVERED
    assert stage.row(1).sent_at == stage.now.replace(hour=18, minute=0, second=0)


def test_night_that_falls_between_planning_and_sending_is_kept_too(stage: Stage) -> None:
    # Given ten to nine in Idaho, a sale at ten past nine, and sending stopped
    stage.sleep(hours=11, minutes=20)
    stage.hear_of(a_listing(opens_at=stage.now + timedelta(minutes=20)))
    stage.world.switches.pause("a drill")
    stage.opt_in(a_demand(1, zone="America/Boise", region="US-ID"))
    stage.pass_time(minutes=1)
    assert stage.row(1).state is State.CREATED

    # When sending goes on after nine
    stage.pass_time(minutes=10)
    stage.world.switches.resume()
    stage.pass_time(minutes=1)

    # Then it is too late to text
    assert (stage.row(1).state, stage.row(1).reason) == (State.SUPPRESSED, Reason.QUIET_HOURS)
    assert stage.ledger()["accepted"] == 0


def _with_lead(stage: Stage, lead: timedelta) -> Sale:
    sale = stage.sale()
    assert sale.starts_at is not None
    return replace(sale, send_at=sale.starts_at - lead, version=sale.version + 1)
