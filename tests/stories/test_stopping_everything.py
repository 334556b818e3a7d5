"""An operator stops sending, in the middle of a batch, and lets it go on."""

import threading
import time

from fanfare.model.notification import State
from tests.builders import AN_HOUR, a_listing, demands
from tests.stage import Stage
from tests.stories.conftest import OpenStage


def test_nothing_leaves_while_it_is_stopped_and_everything_after(stage: Stage) -> None:
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(10))
    stage.world.switches.pause("a drill")

    stage.pass_time(minutes=40)
    assert stage.ends() == {"CREATED": 10}

    stage.world.switches.resume()
    stage.pass_time(minutes=1)
    assert stage.ends() == {"DELIVERED": 10}
    assert stage.ledger()["duplicates"] == 0


def test_a_stop_acts_within_the_batch_that_is_on_its_way(open_stage: OpenStage) -> None:
    # Given a slow provider, one call at a time
    stage = open_stage(sms={"concurrency": 1}, lab={"sms_latency_ms": 20})
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(100))
    stage.pass_time(minutes=29)
    stage.sleep(minutes=1)

    # When somebody stops everything after the first few
    def stop_soon() -> None:
        while stage.ledger()["accepted"] < 3:
            time.sleep(0.01)
        stage.world.switches.pause("a mistake in the text")

    operator = threading.Thread(target=stop_soon)
    operator.start()
    stage.runtime.run_until_idle()
    operator.join()

    # Then most were not sent, and no attempt is held against them
    taken = stage.ledger()["accepted"]
    assert 3 <= taken < 90
    waiting = [row for row in stage.every_row() if row.state is State.CREATED]
    assert len(waiting) == 100 - taken
    assert {row.attempts for row in waiting} == {0}

    # And when it goes on each fan is told, once
    stage.world.switches.resume()
    stage.pass_time(minutes=10)
    assert stage.ends() == {"DELIVERED": 100}
    assert (stage.ledger()["accepted"], stage.ledger()["duplicates"]) == (100, 0)


def test_a_sender_that_the_provider_refuses_stops_everything(open_stage: OpenStage) -> None:
    """A broken account would fail every fan of the night; an operator has to look."""
    stage = open_stage(sms={"auth_token": "a-wrong-one"}, senders={"sms": {"rate_per_second": 5, "burst": 5}})
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(*demands(20))

    stage.pass_time(minutes=31)

    assert "sender sms" in (stage.world.switches.paused() or "")
    assert stage.ends()["FAILED(sender_problem)"] == 5
    assert stage.ledger()["accepted"] == 0
