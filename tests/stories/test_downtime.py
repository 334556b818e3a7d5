"""Ticks that are missed, doubled, or come hours late: the rows are the same, and what was lost is said."""

from datetime import timedelta

import pytest

from fanfare import telemetry
from fanfare.model.ids import EventId
from fanfare.model.notification import State
from fanfare.workers import schedule_notifications
from fanfare.workers.explain import explain
from tests.builders import AN_HOUR, EVENT, PUBLIC, a_demand, a_fan, a_listing
from tests.stage import Stage
from tests.stories.conftest import OpenStage

E2 = EventId("E2")


def missed() -> float:
    return telemetry.REGISTRY.get_sample_value("fanfare_missed_sales_total") or 0.0


def test_three_hours_of_downtime_are_caught_up_and_what_opened_meanwhile_is_listed(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """FLOW-3: after downtime every sale still ahead is planned, and those now past are told as missed."""
    # Given Fanfare stopped, with one sale opening meanwhile and one whose lead has begun when it is back
    stage.pass_time(minutes=1)
    opened_at, ahead_at = stage.now + 6 * AN_HOUR, stage.now + 7 * AN_HOUR + timedelta(minutes=20)
    stage.hear_of(a_listing(opens_at=opened_at))
    stage.hear_of(a_listing(opens_at=ahead_at, event_id=E2))
    stage.opt_in(a_demand(1), a_demand(2, event_id=E2))
    stage.pass_time(minutes=1)
    before = missed()

    # When it comes back after the first has opened
    stage.sleep(hours=7)
    stage.restart()
    stage.pass_time(minutes=5)

    # Then the second is told, and the first is listed
    assert [row.state for row in stage.rows(2)] == [State.DELIVERED]
    assert stage.ends(PUBLIC) == {}
    assert missed() == before + 1
    assert [r for r in caplog.records if r.getMessage() == "sale_missed" and vars(r)["fields"]["sale_id"] == PUBLIC]
    told = explain(
        a_fan(1), PUBLIC, sales=stage.world.sales, events=stage.world.events, demands=stage.world.demands,
        notifications=stage.world.notifications, switches=stage.world.switches, clock=stage.clock,
    )  # fmt: skip
    assert told.answer.cause.value == "missed"


def test_a_sale_that_was_planned_but_opened_before_its_generation_is_listed_too(stage: Stage) -> None:
    """FLOW-3."""
    # Given a sale that a tick planned, and nothing after it
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))
    world = stage.world
    schedule_notifications.run(
        stage.now, sales=world.sales, events=world.events, demands=world.demands, notifications=world.notifications,
        plans=world.plans, queues=world.queues, checkpoints=world.checkpoints, senders=world.senders,
        policy=world.policy, clock=world.clock,
    )  # fmt: skip
    before = missed()

    # When Fanfare is down until it has opened
    stage.sleep(hours=2)
    stage.restart()
    stage.pass_time(minutes=1)

    assert missed() == before + 1
    assert world.queues.waiting() == {}


def test_rows_that_wait_through_an_outage_of_ours_are_sent_or_say_why_not(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.hear_of(a_listing(opens_at=stage.now + 3 * AN_HOUR, event_id=E2))
    stage.opt_in(a_demand(1), a_demand(2, event_id=E2))
    stage.pass_time(minutes=10)

    stage.sleep(hours=2, minutes=30)
    stage.restart()
    stage.pass_time(minutes=10)

    assert stage.ends(PUBLIC) == {"EXPIRED(sale_opened)": 1}
    assert [row.state for row in stage.rows(2)] == [State.DELIVERED]
    assert stage.ledger()["after_sale_start"] == 0


@pytest.mark.parametrize("ticks", [0, 1, 2, 10])
def test_a_tick_leaves_the_same_rows_however_often_it_is_run(open_stage: OpenStage, ticks: int) -> None:
    """FLOW-3, CONST-002: run 0, 1, 2 or 10 times."""
    stage = open_stage()
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1), a_demand(2))

    # When some minutes' ticks are missed, or each is run again and again by processes of their own
    for _ in range(ticks):
        stage.restart()
        stage.runtime.run_until_idle()
    stage.sleep(minutes=5)
    for _ in range(ticks):
        stage.restart()
        stage.runtime.run_until_idle()

    # Then a day that was told the ordinary way looks the same
    stage.pass_time(minutes=60)
    rows = [(row.fan_ref, row.kind, row.state, row.attempts, row.sale_revision) for row in stage.every_row()]
    assert len(rows) == len(set(rows)) == 2
    assert stage.ends() == {"DELIVERED": 2}
    assert stage.ledger()["accepted"] == 2
    assert stage.sale().event_id == EVENT
