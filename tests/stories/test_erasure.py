"""A fan asks to be forgotten, at the worst of moments."""

from fanfare.model.notification import State
from fanfare.workers import forget_fans
from tests.builders import AN_HOUR, a_demand, a_fan, a_listing
from tests.stage import Stage
from tests.stories.dying import be_killed


def forget(stage: Stage, number: int) -> None:
    world = stage.world
    forget_fans.run(
        [a_fan(number)], demands=world.demands, notifications=world.notifications, opt_outs=world.opt_outs,
        vault=world.vault, clock=world.clock,
    )  # fmt: skip


def test_before_the_reminder_leaves(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_demand(2))
    stage.pass_time(minutes=10)

    forget(stage, 1)
    stage.pass_time(minutes=51)

    assert stage.ends() == {"SUPPRESSED(forgotten)": 1, "DELIVERED": 1}
    assert stage.texts(1) == []


def test_while_an_attempt_is_on_its_way(stage: Stage) -> None:
    # Given an attempt whose process died before its outcome was known
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    be_killed(stage, after_the_call=False)
    assert stage.ends() == {"QUEUED": 1}

    # When the fan is forgotten, so that nobody can be asked about that number any more
    forget(stage, 1)
    stage.pass_time(minutes=40)

    # Then nothing is sent again, and the row says that its outcome is not known
    assert stage.ends() == {"UNCONFIRMED(unknown_outcome)": 1}
    assert stage.ledger()["accepted"] == 0


def test_a_file_that_names_the_fan_again_does_not_revive_them(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    forget(stage, 1)

    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=61)

    assert stage.ends() == {"SUPPRESSED(opted_out)": 1}
    assert {row.state for row in stage.every_row(None)} == {State.SUPPRESSED}
