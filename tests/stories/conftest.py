"""A stage for each story."""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.stage import Stage, staged


class OpenStage(Protocol):
    """Opens a stage that closes with the test; sections of settings by name, ``faults`` and ``lab`` for the lab."""

    def __call__(self, **options: Any) -> Stage: ...  # noqa: ANN401 - what ``staged`` takes


@pytest.fixture
def open_stage(tmp_path: Path) -> Generator[OpenStage]:
    with ExitStack() as stages:

        def opened(**options: Any) -> Stage:  # noqa: ANN401 - as above
            context: AbstractContextManager[Stage] = staged(tmp_path, **options)
            return stages.enter_context(context)

        yield opened


@pytest.fixture
def stage(open_stage: OpenStage) -> Stage:
    return open_stage()
