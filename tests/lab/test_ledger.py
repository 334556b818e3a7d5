import json
from pathlib import Path

from fanfare.lab.ledger import address_hash
from tests.lab.calls import FAN, Caller
from tests.lab.conftest import Start


def entries(lab: Caller, query: str = "") -> list[dict[str, object]]:
    return lab.get(f"/ledger/entries{query}").lines


def test_what_was_answered_is_on_disk(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab()
    sid = lab.text().json["sid"]

    last = json.loads((tmp_path / "ledger.ndjson").read_text().splitlines()[-1])

    assert (last["kind"], last["sid"], last["seq"]) == ("accepted", sid, 2)


def test_no_address_and_no_words_are_in_the_file_or_the_summary(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab()
    for body in ("secret words", "secret words"):
        lab.text(body=body)
    lab.fan_texts("private words")
    lab.put("/plan", {"to": FAN, "event_id": "E1"})
    lab.step("2026-05-08T15:31:00Z")

    written = (tmp_path / "ledger.ndjson").read_text() + json.dumps(lab.ledger())

    assert address_hash(FAN) in written
    for secret in (FAN, FAN[1:], "secret", "private"):
        assert secret not in written


def test_a_restart_keeps_the_ledger_and_goes_on(start_lab: Start, tmp_path: Path) -> None:
    before = start_lab()
    before.text()
    before.step("2026-05-08T15:31:00Z")
    before.fan_texts("STOP")

    # A second lab on the same file stands for the restart: each reads it only when it starts.
    with (tmp_path / "ledger.ndjson").open("a") as torn:
        torn.write('{"kind":"accepted","at":"2026-')
    after = start_lab()

    assert {**after.ledger(), "reports": None} == {**before.ledger(), "reports": None}
    assert after.ledger()["reports"] == {"sent": 1, "delivered": 1}
    assert after.text().status == 201
    assert after.ledger()["duplicates"] == 1
    after.step("2026-05-08T15:31:00Z")
    assert [line["seq"] for line in after.stream(after=3)] == [4, 5]
    assert [entry["seq"] for entry in entries(after)] == list(range(1, 10))


def test_entries_are_read_from_a_position(lab: Caller) -> None:
    for number in range(5):
        lab.text(body=f"text {number}")

    assert [entry["seq"] for entry in entries(lab, "?after=2&limit=3")] == [3, 4, 5]
    assert entries(lab, "?after=99") == []


def test_a_summary_can_be_asked_for_one_address(lab: Caller) -> None:
    lab.text()
    lab.text(to="+14165550199")

    assert lab.ledger()["accepted"] == 2
    assert lab.ledger(to=FAN)["accepted"] == 1
    assert lab.ledger(to="+14165550100")["accepted"] == 0
