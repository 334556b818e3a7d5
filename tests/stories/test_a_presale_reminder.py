"""A fan asks to be told of a presale, is told half an hour before it opens, and the text arrives."""

from datetime import timedelta

from fanfare.model.channel import Channel
from fanfare.model.ids import SaleId
from fanfare.model.notification import State
from tests.builders import AN_HOUR, a_demand, a_listing, a_mail_demand, a_mailbox, a_phone
from tests.stage import Stage
from tests.stories.conftest import OpenStage

PRESALE = SaleId("E1:artist-presale")


def test_from_the_import_to_delivered(stage: Stage) -> None:
    """REQ-001, REQ-002, FLOW-3, FLOW-4, FLOW-5, FLOW-6, FLOW-7."""
    # Given a presale in an hour, a public sale tomorrow, and a fan who asked for a text
    opens_at = stage.now + AN_HOUR
    tomorrow = stage.now + timedelta(days=1)
    stage.hear_of(a_listing(opens_at=tomorrow, presales=[("Artist Presale", opens_at)]))
    stage.opt_in(a_demand(1))

    # When the lead has not begun
    stage.pass_time(minutes=29)

    # Then the row waits, and nothing was sent
    assert stage.row(1, sale_id=PRESALE).state is State.CREATED
    assert stage.ledger()["accepted"] == 0

    # When half an hour is left
    stage.pass_time(minutes=2)

    # Then the fan has one text that says all there is to know
    row = stage.row(1, sale_id=PRESALE)
    assert row.state is State.DELIVERED
    assert row.sent_at == row.send_at == opens_at - timedelta(minutes=30)
    (text,) = stage.texts(1)
    assert text.startswith("Ticketmaster: Zoe presale (Artist Presale) Fri, May 8 at 12:30 p.m. EDT, Massey Hall.")
    assert "https://fanf.example/" in text

    # And nothing more for this sale, whatever time passes
    stage.pass_time(minutes=120)
    assert stage.ledger(a_phone(1))["accepted"] == 1
    assert stage.ledger()["after_sale_start"] == 0


def test_a_fan_who_chose_both_gets_one_of_each(stage: Stage) -> None:
    """REQ-007."""
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_mail_demand(1))

    stage.pass_time(minutes=61)

    assert stage.row(1).state is State.DELIVERED
    assert stage.row(1, channel=Channel.EMAIL).state is State.SENT
    assert stage.ledger(a_mailbox(1))["accepted"] == 1
    assert stage.ledger()["accepted_by_service"] == {"sms": 1, "mail": 1}


def test_a_fan_in_quebec_reads_french_and_others_their_own_language(open_stage: OpenStage) -> None:
    """REQ-003."""
    stage = open_stage()
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR, quebec=True))
    stage.opt_in(a_demand(1), a_demand(2, locale=None))
    stage.pass_time(minutes=35)

    (text,) = stage.texts(1)

    assert text.startswith("Ticketmaster: Zoe, en vente ven. 8 mai à 12 h 30 HAE")
