"""The same fan twice, and two fans on one phone: each address hears of a sale once."""

from dataclasses import replace

from fanfare.model.channel import Channel
from fanfare.model.ids import EventId
from fanfare.model.notification import Reason, State
from tests.builders import AN_HOUR, NOW, OTHER_BRAND, a_demand, a_listing, a_mail_demand, a_mailbox, a_phone, in_hawaii
from tests.stage import Stage

E2 = EventId("E2")


def test_a_fan_in_two_files_is_told_once(stage: Stage) -> None:
    """REQ-007, FLOW-4: deduplicated, whatever the number of files, brands and lists."""
    # Given one fan who stands in a file twice, with another brand, and for the artist too
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    again = replace(a_demand(1), zone=None)
    stage.opt_in(a_demand(1), again, a_demand(1, brand=OTHER_BRAND), a_demand(1, event_id=None, attraction_id="A1"))

    # When the sale has opened
    stage.pass_time(minutes=61)

    # Then there is one row and one text
    assert stage.ends() == {"DELIVERED": 1}
    assert stage.ledger()["accepted"] == 1


def test_two_fans_on_one_phone_get_one_text_and_the_other_row_says_why(stage: Stage) -> None:
    """REQ-007."""
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_demand(2, address=a_phone(1)))

    stage.pass_time(minutes=61)

    assert stage.ends() == {"DELIVERED": 1, "SUPPRESSED(shared_address)": 1}
    assert stage.ledger(a_phone(1))["accepted"] == 1


def test_a_phone_is_told_once_also_when_one_of_its_fans_comes_late(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=40)

    stage.opt_in(a_demand(2, address=a_phone(1), at=stage.now))
    stage.pass_time(minutes=5)

    assert stage.row(2).reason is Reason.SHARED_ADDRESS
    assert stage.row(2).late
    assert stage.ledger(a_phone(1))["accepted"] == 1


def test_two_fans_with_one_mailbox_and_a_night_get_one_mail(stage: Stage) -> None:
    """REQ-007: the mail that stands in for a text at night keeps to one message per address as well."""
    # Given two fans in Hawaii, where it is before six, who share a mailbox
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(in_hawaii(a_demand(1)), in_hawaii(a_demand(2)))
    stage.opt_in(a_mail_demand(1, event_id=E2, at=NOW), a_mail_demand(2, address=a_mailbox(1), event_id=E2, at=NOW))

    # When the sale has opened
    stage.pass_time(minutes=61)

    # Then the mailbox got one mail
    assert stage.ledger(a_mailbox(1))["accepted"] == 1
    mails = [stage.row(number, channel=Channel.EMAIL) for number in (1, 2)]
    assert {row.reason or row.state for row in mails} == {State.SENT, Reason.SHARED_ADDRESS}
