"""The change log is kept provable and small."""

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.topology import World
from fanfare.workers import digest_changes
from tests.builders import demands
from tests.workers.at_work import opt_in, store


def test_each_hour_that_is_over_is_digested_once(
    world: World, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store(world)
    opt_in(world, *demands(3))
    assert digest_changes.run(clock.now(), upkeep=world.upkeep) == 0

    clock.advance(seconds=3600)
    assert digest_changes.run(clock.now(), upkeep=world.upkeep) == 3, "events, sales and demands"
    assert digest_changes.run(clock.now(), upkeep=world.upkeep) == 0
    assert [record.getMessage() for record in caplog.records].count("changes_digested") == 1
