"""``fanfare config``."""

from pathlib import Path

import pytest

from tests.doors.cli.command_line import answer, run


def test_each_value_says_where_it_came_from(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_WEB__PORT", "8181")

    shown = {row["key"]: row for row in answer("config", "show", data=data_dir)["settings"]}

    assert (shown["web.port"]["value"], shown["web.port"]["from"]) == (8181, "FANFARE_WEB__PORT")
    assert (shown["live"]["value"], shown["live"]["from"]) == (False, "fanfare.toml")
    assert (shown["policy.lead_minutes"]["value"], shown["policy.lead_minutes"]["from"]) == (30, "default")


def test_no_secret_is_shown(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_SMS__AUTH_TOKEN", "a-planted-secret")

    assert "a-planted-secret" not in run("config", "show", data=data_dir).output
    assert "a-planted-secret" not in run("config", "show", "--json", data=data_dir).output
    assert "lab-key" not in run("config", "show", "--json", data=data_dir).output
