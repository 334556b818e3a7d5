"""A public sale and a presale open together: a fan of the event gets one text, and it names the public sale."""

from fanfare.model.ids import SaleId
from fanfare.model.notification import Reason, State
from tests.builders import AN_HOUR, PUBLIC, a_demand, a_listing, a_phone
from tests.stage import Stage

LOW = SaleId("E1:vip-presale")
HIGH = SaleId("E1:artist-presale")


def test_one_text_names_the_higher_rank(stage: Stage) -> None:
    """REQ-007: at most one message per fan, event, opening instant and channel."""
    # Given two presales at one instant, and the public sale an hour later
    opens_at = stage.now + AN_HOUR
    presales = [("VIP Presale", opens_at), ("Artist Presale", opens_at)]
    stage.hear_of(a_listing(opens_at=opens_at + AN_HOUR, presales=presales))
    stage.opt_in(a_demand(1))

    # When the presales have opened
    stage.pass_time(minutes=61)

    # Then one text named the artist's presale, and the other row says why there is none
    (text,) = stage.texts(1)
    assert "(Artist Presale)" in text
    assert stage.row(1, sale_id=HIGH).state is State.DELIVERED
    assert stage.row(1, sale_id=LOW).reason is Reason.SAME_INSTANT

    # And the public sale, at another instant, has a text of its own
    stage.pass_time(minutes=60)
    assert stage.row(1).state is State.DELIVERED
    assert len(stage.texts(1)) == 2


def test_a_fan_who_asked_for_the_lower_sale_alone_is_told_of_that_one(stage: Stage) -> None:
    opens_at = stage.now + AN_HOUR
    presales = [("VIP Presale", opens_at), ("Artist Presale", opens_at)]
    stage.hear_of(a_listing(opens_at=opens_at + AN_HOUR, presales=presales))
    stage.opt_in(a_demand(1, sale_id=LOW))

    stage.pass_time(minutes=121)

    (text,) = stage.texts(1)
    assert "(VIP Presale)" in text
    assert [row.occasion.name for row in stage.rows(1)] == [LOW]
    assert stage.ledger(a_phone(1))["duplicates"] == 0
    assert stage.world.notifications.totals(PUBLIC).by_state == {}
