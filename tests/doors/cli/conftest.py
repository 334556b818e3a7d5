"""A data directory made by the real ``fanfare init``, and no settings from the machine that runs the tests."""

import os
from pathlib import Path

import pytest

from tests.doors.cli.command_line import run


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in tuple(os.environ):
        if name.startswith("FANFARE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    assert run("init", directory).exit_code == 0
    return directory
