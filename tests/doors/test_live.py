"""Nobody goes live half set up."""

from pathlib import Path

import pytest

from fanfare.doors import live, processes
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.settings import Settings, SettingsError


def given(**sms: str) -> Settings:
    return Settings.model_validate({"live": True, "sms": sms})


def test_going_live_without_a_webhook_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"sms\.auth_token"):
        live.refuse_unsigned(given(reports="webhook"))
    live.refuse_unsigned(given(reports="webhook", auth_token="a-secret"))
    live.refuse_unsigned(given(reports="stream"))
    live.refuse_unsigned(Settings())


def test_the_workers_went_on_sending_while_the_web_door_refused_and_the_whole_server_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedEngine.create(tmp_path / "data", tmp_path / "key").close()
    (tmp_path / "data" / "fanfare.toml").write_text("live = true\n")
    started: list[processes.Part] = []

    def start(part: processes.Part, *_: object) -> None:
        started.append(part)

    monkeypatch.setattr(processes, "_start", start)

    with pytest.raises(SettingsError, match=r"sms\.auth_token"):
        processes.supervise(tmp_path / "data", tmp_path / "key", port=0)
    assert started == []
