"""The reference pages say what the command line and the settings are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanfare.doors.cli import app
from fanfare.doors.cli.exits import ExitCode
from fanfare.settings import BrandSettings, SenderSettings, Settings, public_values

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
OF_ALL = {"--data", "--json", "--debug", "--help", "-h"}
ELSEWHERE = {"demo", "serve"}
"""Their options are told by their own help."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    for name in app.COMMANDS:
        loaded = app.load(name)
        for inner, command in getattr(loaded, "commands", {"": loaded}).items():
            yield f"{name} {inner}".strip(), command


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_each_command_has_its_place(name: str) -> None:
    assert re.search(rf"^### .*`fanfare {re.escape(name)}\b", CLI, re.MULTILINE)


@pytest.mark.parametrize(("name", "command"), [pair for pair in commands() if pair[0] not in ELSEWHERE])
def test_each_option_is_told_with_its_command(name: str, command: Any) -> None:  # noqa: ANN401 - typer's own class
    sections = [part for part in CLI.split("\n### ") if f"`fanfare {name}" in part.partition("\n")[0]]
    options = {each for param in command.params for each in param.opts if each.startswith("-")} - OF_ALL

    assert not sorted(option for option in options if not any(option in each for each in sections))


def test_each_example_is_json() -> None:
    examples = re.findall(r"```json\n(.*?)```", CLI, re.DOTALL)

    assert len(examples) > len(app.COMMANDS)
    assert all(json.loads(example) for example in examples)


def test_each_exit_code_is_told() -> None:
    assert not [code for code in ExitCode if f"| {int(code)} |" not in CLI]


def test_each_setting_is_told_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \|", SETTINGS, re.MULTILINE))
    values = {key: value for key, value in public_values(Settings()).items() if key not in {"senders", "brands"}}

    assert not sorted(values.keys() - rows.keys())
    assert not [key for key, value in values.items() if isinstance(value, int) and not said(rows[key], value)]


def said(told: str, value: float) -> bool:
    return told == f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize("model", [SenderSettings, BrandSettings])
def test_each_key_of_a_sender_and_a_brand_is_told(model: type[SenderSettings] | type[BrandSettings]) -> None:
    assert not [name for name in model.model_fields if f"| `{name}` |" not in SETTINGS]
