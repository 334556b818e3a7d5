"""``fanfare doctor``: each thing that can be wrong is found, with its fix."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fanfare.model.generation import QUEUE
from tests.doors.cli.command_line import answer, run
from tests.doors.cli.stores import bury, engine_of, import_demands


def edit(data_dir: Path, old: str, new: str) -> None:
    path = data_dir / "fanfare.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def alter_consents(data_dir: Path) -> None:
    import_demands(data_dir)
    with engine_of(data_dir) as engine:
        engine.store.change("UPDATE consent_entry SET source = 'altered'")


WRONGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "settings": (lambda d: edit(d, "live = false", "livee = false"), "did you mean live?"),
    "store": (lambda d: d.with_name("data.key").chmod(0o644), "others may read the key file"),
    "senders": (lambda d: edit(d, 'key = "livenation"', 'key = "other"'), "speaks for livenation, which is no brand"),
    "words": (lambda d: edit(d, "https://tm.example/c", f"https://tm.example/{'c' * 90}"), "too long"),
    "links": (lambda d: edit(d, "live = false", "live = true"), "texts would carry http://127.0.0.1:8080"),
    "sms": (lambda d: edit(d, "live = false", "live = true"), "live, but http://127.0.0.1:9480 is this machine"),
    "dead letters": (lambda d: bury(d, QUEUE, "{}"), "1 wait"),
    "consent ledger": (alter_consents, "does not fit"),
}


@pytest.mark.parametrize("check", sorted(WRONGS))
def test_what_is_wrong_is_found_with_its_fix(check: str, data_dir: Path) -> None:
    harm, said = WRONGS[check]
    harm(data_dir)

    told = answer("doctor", "--offline", data=data_dir, code=1)

    found = [each for each in told["checks"] if each["level"] == "problem" and each["check"] == check]
    assert any(said in each["what"] for each in found)
    assert all(each["fix"] for each in found)


def test_a_key_that_is_gone_is_put_back_and_never_made_anew(data_dir: Path) -> None:
    data_dir.with_name("data.key").unlink()

    told = answer("doctor", "--offline", data=data_dir, code=1)

    found = next(each for each in told["checks"] if each["check"] == "store")
    assert "without it no stored address can be read" in found["what"]
    assert "put it back from where its copy was kept" in found["fix"]
    assert "init" not in found["fix"]


def test_partners_that_do_not_answer_are_warnings(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_SMS__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("FANFARE_DISCOVERY__BASE_URL", "https://app.ticketmaster.example/discovery/v2")

    told = answer("doctor", data=data_dir)

    warned = {each["check"]: each["what"] for each in told["checks"] if each["level"] == "warning"}
    assert "127.0.0.1:9 does not answer" in warned["sms"]
    assert "is not spoken to while live is false" in warned["discovery"]


def test_people_read_the_fix_under_what_is_wrong(data_dir: Path) -> None:
    bury(data_dir, QUEUE, "{}")

    text = run("doctor", "--offline", data=data_dir).stdout

    assert "PROBLEM  dead letters: 1 wait\n         fix: see 'fanfare dead-letters list'" in text
    assert "1 problem(s)" in text
