"""``fanfare message``: the real words, and one real send to the practice stage."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.cli.command_line import Json, answer, error_of, run
from tests.doors.cli.discovery_samples import traps
from tests.doors.cli.stores import EVENT_ID, SALE_ID, import_event

ABOUT = ("--event", EVENT_ID, "--sale", SALE_ID)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A running ``fanfare lab``, and settings that lead to it; yields its ledger."""
    ledger = tmp_path / "ledger.ndjson"
    words = ["lab", "--port", "0", "--smtp-port", "0", "--world", "night", "--fans", "5", "--ledger", str(ledger)]
    with subprocess.Popen(
        [sys.executable, "-m", "fanfare", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as lab:
        ready = json.loads(lab.stdout.readline() if lab.stdout else "{}")
        monkeypatch.setenv("FANFARE_SMS__BASE_URL", ready["base_url"])
        monkeypatch.setenv("FANFARE_DISCOVERY__BASE_URL", f"{ready['base_url']}/discovery/v2")
        monkeypatch.setenv("FANFARE_EMAIL__PORT", str(ready["smtp_port"]))
        yield ledger
        lab.terminate()


def preview(data_dir: Path, *words: str) -> Json:
    return answer("message", "preview", *ABOUT, *words, data=data_dir)


def test_a_text_is_previewed_with_its_size(data_dir: Path) -> None:
    import_event(data_dir)

    shown = preview(data_dir)

    assert shown["body"].startswith("Ticketmaster: Les Étoiles Filantes on sale ")
    assert (shown["encoding"], shown["segments"]) == ("GSM-7", 1)


def test_brand_language_and_channel_are_chosen(data_dir: Path) -> None:
    import_event(data_dir)

    text = preview(data_dir, "--locale", "fr-ca", "--brand", "livenation", "--to-canada")
    email = preview(data_dir, "--channel", "email")

    assert text["body"].startswith("Live Nation: ")
    assert "en vente" in text["body"]
    assert "ln.example/c" in text["body"]
    assert {"subject", "text", "html"} <= set(email)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--event", "nothing", "--sale", SALE_ID), 3, "there is no event nothing"),
        (("--event", EVENT_ID, "--sale", "tba:public"), 3, f"event {EVENT_ID} has no sale tba:public"),
        ((*ABOUT, "--brand", "nobody"), 3, "there is no brand nobody"),
        (("--event", "tba", "--sale", "tba:public"), 4, "it cannot be rendered"),
    ],
)
def test_what_cannot_be_previewed_is_told(words: tuple[str, ...], code: int, said: str, data_dir: Path) -> None:
    import_event(data_dir)
    import_event(data_dir, traps()["tba"][0])

    result = run("message", "preview", *words, data=data_dir)

    assert (result.exit_code, said in error_of(result)) == (code, True)


def test_one_text_and_one_email_reach_the_stage_once(data_dir: Path, stage: Path) -> None:
    import_event(data_dir)

    sent = [
        answer("message", "send-test", "--to", to, *ABOUT, data=data_dir) for to in ("+12125550123", "ann@example.com")
    ]

    assert [each["outcome"] for each in sent] == ["accepted", "accepted"]

    lines = [json.loads(line) for line in stage.read_text().splitlines()]
    assert len([line for line in lines if line["kind"] in {"accepted", "mail"} or "body_sha256" in line]) == len(sent)
    assert {each["detail"] for each in sent if each["provider"] == "twilio"} <= {line.get("sid") for line in lines}


def test_events_are_synced_from_the_stage(data_dir: Path, stage: Path) -> None:
    told = answer("events", "sync", "--days", "3", data=data_dir)

    assert stage.exists()
    assert told["events"] > 0


def test_a_trial_to_nowhere_is_not_sent(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_event(data_dir)
    monkeypatch.setenv("FANFARE_SMS__BASE_URL", "http://127.0.0.1:9")

    told = answer("message", "send-test", "--to", "+12125550123", *ABOUT, data=data_dir, code=5)

    assert told["outcome"] == "not_sent"


def test_a_trial_is_refused_while_not_live_and_not_on_this_machine(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_event(data_dir)
    monkeypatch.setenv("FANFARE_SMS__BASE_URL", "https://api.twilio.com")

    result = run("message", "send-test", "--to", "+12125550123", *ABOUT, data=data_dir)

    assert (result.exit_code, "live is false" in error_of(result)) == (4, True)


def test_a_trial_is_refused_while_paused_or_to_no_address(data_dir: Path) -> None:
    import_event(data_dir)

    wrong = run("message", "send-test", "--to", "12", *ABOUT, data=data_dir)
    run("pause", data=data_dir)
    paused = run("message", "send-test", "--to", "+12125550123", *ABOUT, data=data_dir)

    assert (wrong.exit_code, paused.exit_code) == (2, 4)
    assert "sending is paused" in error_of(paused)
