"""One suite for every engine. A second engine is one more case of the fixture."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from tests.ports.given import Given

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture(params=["embedded-memory", "embedded-file"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock) -> Iterator[EmbeddedEngine]:
    if request.param == "embedded-memory":
        made = EmbeddedEngine.temporary(clock=clock, ids=SeededIds(1))
    else:
        made = EmbeddedEngine.create(tmp_path / "data", tmp_path / "key", clock=clock, ids=SeededIds(1))
    yield made
    made.close()


@pytest.fixture
def given(engine: EmbeddedEngine) -> Given:
    return Given(engine)
