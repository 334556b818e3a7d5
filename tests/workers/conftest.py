"""A world in memory for each test."""

from collections.abc import Iterator

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.topology import World
from tests.builders import NOW
from tests.workers.at_work import a_world


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def engine(clock: SteppedClock) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary(clock=clock, ids=SeededIds(1))
    yield made
    made.close()


@pytest.fixture
def world(engine: EmbeddedEngine) -> World:
    return a_world(engine)
