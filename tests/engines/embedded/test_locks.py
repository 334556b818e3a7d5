"""Who may use a data directory at the same time."""

from pathlib import Path

import pytest

from fanfare.engines.embedded import locks
from fanfare.ports.faults import Permanent


def test_many_may_serve_and_nobody_restores_meanwhile(tmp_path: Path) -> None:
    with locks.serving(tmp_path), locks.serving(tmp_path), pytest.raises(Permanent, match="stop the server"):
        locks.alone(tmp_path).__enter__()

    with locks.alone(tmp_path), pytest.raises(Permanent, match="restored or upgraded"):
        locks.serving(tmp_path).__enter__()

    with locks.serving(tmp_path):
        pass
