"""``fanfare init``."""

import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from fanfare.doors.cli import init
from fanfare.settings import BrandSettings, SenderSettings, Settings
from tests.doors.cli.command_line import answer, error_of, run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_makes_a_directory_with_settings_and_a_key_outside(tmp_path: Path) -> None:
    told = answer("init", tmp_path / "night")

    assert told == {
        "data_dir": str(tmp_path / "night"),
        "settings_file": str(tmp_path / "night" / "fanfare.toml"),
        "key_file": str(tmp_path / "night.key"),
        "new_key": True,
    }
    assert (mode(tmp_path / "night"), mode(tmp_path / "night.key")) == (0o700, 0o600)
    assert mode(tmp_path / "night" / "fanfare.toml") == 0o600


def test_it_never_overwrites(data_dir: Path) -> None:
    before = (data_dir / "store.db").read_bytes()

    result = run("init", data_dir)

    assert result.exit_code == 4
    assert "exists; nothing was changed" in error_of(result)
    assert (data_dir / "store.db").read_bytes() == before


def test_a_key_that_is_there_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_KEY_FILE", str(tmp_path / "keys" / "k"))
    answer("init", tmp_path / "one")

    told = answer("init", tmp_path / "two")

    assert (told["key_file"], told["new_key"]) == (str(tmp_path / "keys" / "k"), False)


def test_a_key_inside_the_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_KEY_FILE", str(tmp_path / "d" / "k"))

    result = run("init", tmp_path / "d")

    assert result.exit_code == 4
    assert "inside the data directory" in error_of(result)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run("init", tmp_path / "file" / "d")

    assert result.exit_code == 2
    assert "choose a place that you may write" in error_of(result)


def test_a_fresh_directory_is_healthy(data_dir: Path) -> None:
    told = answer("doctor", "--offline", data=data_dir)

    assert told["problems"] == 0


def keys_of(part: object, prefix: str = "") -> Iterator[str]:
    if isinstance(part, dict) and part:
        for key, value in cast("dict[str, object]", part).items():
            yield from keys_of(value, f"{prefix}{key}.")
    else:
        yield prefix.removesuffix(".")


def test_the_sample_is_the_manual_it_names_every_setting() -> None:
    sample = init.SAMPLE.read_text(encoding="utf-8")
    names = {key.rpartition(".")[2] for key in keys_of(Settings().model_dump(mode="json"))}
    names |= set(SenderSettings.model_fields) | set(BrandSettings.model_fields)

    assert not sorted(name for name in names - {"senders", "brands"} if f"{name} = " not in sample)


def test_every_default_that_the_sample_shows_is_the_default() -> None:
    shown = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in init.SAMPLE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("# FANFARE") and not line.startswith("# out")
    )

    uncommented = tomllib.loads(shown)

    assert Settings.model_validate(uncommented).policy == Settings().policy.model_copy(
        update={"lead_minutes_by_kind": {"vip": 60}}
    )


@pytest.mark.parametrize("section", ["discovery", "sms", "email", "links", "web", "telemetry"])
def test_every_number_that_the_sample_comments_out_is_the_default(section: str) -> None:
    part = init.SAMPLE.read_text(encoding="utf-8").partition(f"\n[{section}]\n")[2].partition("\n[")[0]
    shown = dict(re.findall(r"^# (\w+) = (\d+)\s", part, re.MULTILINE))
    defaults = Settings().model_dump(mode="json")[section]

    assert {name: float(value) for name, value in shown.items()} == {name: float(defaults[name]) for name in shown}
