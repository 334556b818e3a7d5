"""Short links: made once, waited for a while, and made by ourselves where nobody else does."""

import pytest

from fanfare.workers import queue_short_urls
from tests.builders import AN_HOUR, EVENT, a_demand, a_listing
from tests.stage import Stage
from tests.stories.conftest import OpenStage

BITLY = {"links": {"kind": "bitly"}}


def short_url(stage: Stage) -> str | None:
    return stage.world.events.get([EVENT])[EVENT].short_url


def test_an_event_that_somebody_demands_gets_one_short_link(open_stage: OpenStage) -> None:
    """FLOW-1, FLOW-2, REQ-006."""
    stage = open_stage(**BITLY)
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))

    stage.pass_time(minutes=1)
    link = short_url(stage)
    assert link is not None
    assert link.startswith("https://tix.test/")
    version = stage.world.events.get([EVENT])[EVENT].version

    stage.opt_in(a_demand(2))
    stage.pass_time(minutes=31)
    assert link in stage.texts(1)[0]
    assert stage.world.events.get([EVENT])[EVENT].version == version, "an event that has one is not shortened again"


def test_a_demand_asks_for_the_link_of_its_event(open_stage: OpenStage) -> None:
    """FLOW-1: a demand created or changed."""
    stage = open_stage(faults="links_monthly=1", **BITLY)
    stage.hear_of(a_listing(opens_at=stage.now + 20 * AN_HOUR))
    stage.pass_time(minutes=1)
    (letter,) = stage.world.queues.dead_letters(queue_short_urls.QUEUE, 10)
    assert letter.body == '{"data":{"id":"E1"},"id":"E1"}'

    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=1)

    assert len(stage.world.queues.dead_letters(queue_short_urls.QUEUE, 10)) == 2


@pytest.mark.parametrize("faults", ["links_500=1", "links_429=1", "links_monthly=1"])
def test_without_a_short_link_our_own_is_taken_and_nobody_is_lost(open_stage: OpenStage, faults: str) -> None:
    """REQ-006, FLOW-2: two retries, then a dead letter; the reminder goes out all the same."""
    stage = open_stage(faults=faults, **BITLY)
    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR))
    stage.opt_in(a_demand(1))

    stage.pass_time(minutes=31)

    assert stage.ends() == {"DELIVERED": 1}
    assert "https://fanf.example/" in stage.texts(1)[0]
    letters = stage.world.queues.dead_letters(queue_short_urls.QUEUE, 10)
    assert {letter.attempts for letter in letters} <= {1, 3}
    assert stage.engine.redirects.get((short_url(stage) or "").rpartition("/")[2]) is not None


def test_a_sale_that_opens_before_the_wait_is_over_is_told_all_the_same(open_stage: OpenStage) -> None:
    """REQ-006: no reminder is lost for lack of a short link."""
    stage = open_stage(faults="links_429=1", **BITLY)
    stage.opt_in(a_demand(1))
    stage.pass_time(minutes=1)

    stage.hear_of(a_listing(opens_at=stage.now + AN_HOUR / 40))
    stage.pass_time(minutes=1)

    assert stage.ends() == {"DELIVERED": 1}
