"""A data directory of the embedded engine, on a hand-moved clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from tests.ports.given import Given


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def reopened(data_dir: Path, key_file: Path, clock: SteppedClock) -> Iterator[Callable[[], EmbeddedEngine]]:
    """Opens the directory, making it the first time; whatever was open before is closed."""
    engines: list[EmbeddedEngine] = []

    def again() -> EmbeddedEngine:
        if engines:
            engines[-1].close()
        opening = EmbeddedEngine.open if engines else EmbeddedEngine.create
        engines.append(opening(data_dir, key_file, clock=clock))
        return engines[-1]

    yield again
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(reopened: Callable[[], EmbeddedEngine]) -> EmbeddedEngine:
    return reopened()


@pytest.fixture
def given(engine: EmbeddedEngine) -> Given:
    return Given(engine)
