from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fanfare.lab.background import running
from fanfare.lab.config import ClockKind, LabConfig
from tests.lab.calls import Caller

Start = Callable[..., Caller]


@pytest.fixture
def start_lab(tmp_path: Path) -> Generator[Start]:
    """Start labs with a stepped clock, at 15:30 UTC on 2026-05-08; all of them stop with the test."""
    with ExitStack() as labs:

        def start(**options: Any) -> Caller:  # noqa: ANN401 -- fields of LabConfig
            config = LabConfig(
                ledger=tmp_path / "ledger.ndjson",
                clock=ClockKind.STEPPED,
                start_at=datetime(2026, 5, 8, 15, 30, tzinfo=UTC),
            )
            address = labs.enter_context(running(replace(config, **options)))
            return Caller(address.base_url, address.smtp_port)

        yield start


@pytest.fixture
def lab(start_lab: Start) -> Caller:
    return start_lab()
