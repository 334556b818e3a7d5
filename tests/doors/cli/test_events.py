"""``fanfare events``: every event of the input is accounted for."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doors.cli import discovery_samples
from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.discovery_samples import Json, event, instant, presale

KEYS = {"events", "sales", "unscheduled", "suppressed", "rejected"}


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def sales_of(event_id: str, data_dir: Path) -> dict[str, Json]:
    found: list[Json] = answer("sale", "list", "--event", event_id, data=data_dir)["sales"]
    return {sale["sale_id"]: sale for sale in found}


@pytest.mark.parametrize("trap", sorted(discovery_samples.traps()))
def test_a_trapped_sale_is_listed_with_its_reason(trap: str, data_dir: Path, tmp_path: Path) -> None:
    sample, reason = discovery_samples.traps()[trap]

    told = answer("events", "import", written(tmp_path / "event.json", sample), data=data_dir)

    assert told["events"] == 1
    listed: list[Json] = told["unscheduled"] + told["suppressed"]
    assert reason in {one["reason"] for one in listed if one["event_id"] == trap}


def test_every_event_is_scheduled_or_listed_with_its_reason(data_dir: Path, tmp_path: Path) -> None:
    samples = [sample for sample, _ in discovery_samples.traps().values()] + [event("plain"), {"name": "no id"}]
    page = {"_embedded": {"events": samples}, "page": {"size": 20, "totalElements": len(samples), "number": 0}}

    told = answer("events", "import", written(tmp_path / "page.json", page), data=data_dir)

    assert set(told) == KEYS
    assert told["events"] + len(told["rejected"]) == len(samples)
    listed = {one["event_id"] for one in told["unscheduled"] + told["suppressed"]}
    for sample in samples:
        if "id" in sample:
            heard = [sale for sale in sales_of(sample["id"], data_dir).values() if is_heard(sale)]
            assert heard or sample["id"] in listed
    assert [one["place"] for one in told["rejected"]] == ["page.json: _embedded.events[13].id"]


def is_heard(sale: Json) -> bool:
    return sale["status"] == "scheduled" and sale["suppressed"] is None


def test_sales_are_counted_by_kind(data_dir: Path, tmp_path: Path) -> None:
    presales = [
        presale("Artist Presale", 7, 9),
        presale("Artist Presale", 8, 9),
        presale("Citi® Cardmember Preale", 7, 9),
    ]

    told = answer("events", "import", written(tmp_path / "e.json", event("many", presales=presales)), data=data_dir)

    assert told["sales"] == {"artist": 2, "credit_card": 1, "public": 1}


def test_importing_twice_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "e.json", [event("same", presales=[presale("Fan Club", 5, 9)])])
    first = answer("events", "import", file, data=data_dir)
    before = sales_of("same", data_dir)

    second = answer("events", "import", file, data=data_dir)

    assert second == first
    assert sales_of("same", data_dir) == before


def test_a_changed_time_moves_the_sale_under_its_id(data_dir: Path, tmp_path: Path) -> None:
    answer("events", "import", written(tmp_path / "e.json", event("moves")), data=data_dir)
    later = event("moves", public={"startDateTime": instant(12)})

    answer("events", "import", written(tmp_path / "e.json", later), data=data_dir)

    (sale,) = sales_of("moves", data_dir).values()
    assert (sale["sale_id"], sale["starts_at"], sale["revision"]) == ("moves:public", instant(12), 2)


def test_an_event_given_twice_counts_once_and_the_last_wins(data_dir: Path, tmp_path: Path) -> None:
    both = [event("twice"), event("twice", public={"startDateTime": instant(11)})]

    told = answer("events", "import", written(tmp_path / "e.json", both), data=data_dir)

    assert told["events"] == 1
    assert sales_of("twice", data_dir)["twice:public"]["starts_at"] == instant(11)


def test_events_come_from_stdin_too(data_dir: Path) -> None:
    assert answer("events", "import", "-", data=data_dir, stdin=json.dumps(event("piped")))["events"] == 1


def test_a_search_without_hits_is_no_error(data_dir: Path, tmp_path: Path) -> None:
    empty = {"page": {"size": 20, "totalElements": 0, "totalPages": 0, "number": 0}}

    assert answer("events", "import", written(tmp_path / "e.json", empty), data=data_dir)["events"] == 0


def test_an_error_answer_alone_is_a_finding(data_dir: Path, tmp_path: Path) -> None:
    refused = {"errors": [{"code": "DIS1004", "detail": "not found", "status": "404"}]}

    told = answer("events", "import", written(tmp_path / "e.json", refused), data=data_dir, code=1)

    assert (told["events"], len(told["rejected"])) == (0, 1)


def test_malformed_json_names_the_file_and_stores_nothing(data_dir: Path, tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good.json", event("good")), tmp_path / "bad.json"
    bad.write_text('{"id": "x",', encoding="utf-8")

    result = run("events", "import", good, bad, data=data_dir)

    assert result.exit_code == 2
    assert "bad.json is no JSON" in error_of(result)
    assert not sales_of("good", data_dir)


def test_a_missing_file_is_not_found(data_dir: Path) -> None:
    result = run("events", "import", "nowhere.json", data=data_dir)

    assert result.exit_code == 3
    assert "there is no file nowhere.json" in error_of(result)


def test_people_read_tables(data_dir: Path, tmp_path: Path) -> None:
    samples: list[Any] = [event("plain"), discovery_samples.traps()["mexico"][0], {"name": "no id"}]

    text = run("events", "import", written(tmp_path / "e.json", samples), data=data_dir).stdout

    assert "mexico:public" in text
    assert "country" in text
    assert "rejected: 1" in text


def test_sync_says_that_the_source_does_not_answer(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_DISCOVERY__BASE_URL", "http://127.0.0.1:9/discovery/v2")

    result = run("events", "sync", "--days", "3", data=data_dir)

    assert result.exit_code == 5
    assert "Discovery" in error_of(result)
