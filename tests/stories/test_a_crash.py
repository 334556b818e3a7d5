"""A process dies between the intent and the outcome, and another takes its place."""

import threading

import pytest

from fanfare.model.channel import Channel
from fanfare.model.notification import State
from tests.builders import AN_HOUR, a_listing, a_phone, demands
from tests.stage import Stage
from tests.stories.conftest import OpenStage
from tests.stories.dying import be_killed


@pytest.mark.parametrize("after_the_call", [False, True])
def test_nobody_is_told_twice_and_nobody_is_forgotten(stage: Stage, after_the_call: bool) -> None:  # noqa: FBT001
    """FLOW-6, REQ-007, CONST-002: the intent is durable before the call."""
    # Given a process that dies at its first send
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(20))
    be_killed(stage, after_the_call=after_the_call)
    assert stage.ends() == {"QUEUED": 20}
    assert stage.ledger()["accepted"] == (20 if after_the_call else 0)

    # When another takes its place
    stage.pass_time(minutes=20)

    # Then each fan has one text
    assert stage.ends() == {"DELIVERED": 20}
    assert (stage.ledger()["accepted"], stage.ledger()["duplicates"]) == (20, 0)
    assert {row.attempts for row in stage.every_row()} == {1 if after_the_call else 2}


def test_a_text_that_kills_its_sender_is_tried_three_times_and_no_more(stage: Stage) -> None:
    """REQ-004: an attempt counts with its intent, so a crash counts."""
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(1))

    for _ in range(3):
        be_killed(stage, after_the_call=False)
    stage.pass_time(minutes=20)

    assert stage.ends() == {"FAILED(attempts_exhausted)": 1}
    assert stage.row(1).attempts == 3


def test_two_processes_on_one_store_send_each_row_once(open_stage: OpenStage) -> None:
    """CONST-002: of two that race for a row one wins."""
    # Given two processes over one store, and reminders that are due
    stage = open_stage(senders={"sms": {"rate_per_second": 1000, "burst": 2000}})
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(300))
    stage.pass_time(minutes=29)
    assert stage.ends() == {"CREATED": 300}
    _, other = stage.another()
    stage.sleep(minutes=1)

    # When both run at once
    beside = threading.Thread(target=other.run_until_idle)
    beside.start()
    stage.runtime.run_until_idle()
    beside.join()
    stage.pass_time(minutes=5)

    # Then nobody was told twice
    assert stage.ends() == {"DELIVERED": 300}
    assert (stage.ledger()["accepted"], stage.ledger()["duplicates"]) == (300, 0)
    assert {row.attempts for row in stage.every_row()} == {1}


def test_two_schedulers_and_generators_write_one_set_of_rows(stage: Stage) -> None:
    """CONST-002, FLOW-3, FLOW-4."""
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(50))
    _, other = stage.another()

    threads = [threading.Thread(target=each.run_until_idle) for each in (stage.runtime, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.pass_time(minutes=40)

    assert stage.ends() == {"DELIVERED": 50}
    assert stage.ledger(a_phone(1))["accepted"] == 1
    assert {row.channel for row in stage.every_row()} == {Channel.SMS}
    assert stage.live_states() <= {State.SENT}
