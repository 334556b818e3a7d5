"""Events at the web door: imported, listed, shown."""

import copy
from typing import Any

from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import DISCOVERY


def an_event(event_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {**copy.deepcopy(DISCOVERY), "id": event_id, **changes}


def test_an_import_accounts_for_every_event(stage: Stage) -> None:
    broken = an_event("E2")
    broken["sales"]["public"]["startDateTime"] = "soon"

    answer = stage.admin("POST", "/v1/events", [an_event("E1"), broken])

    report = answer.json
    assert answer.status == 200
    assert (report["events"], report["sales"]) == (1, {"artist": 1, "other": 1, "public": 1})
    assert [(each["name"], each["reason"]) for each in report["suppressed"]] == [("Registration", "keyword")]
    assert [each["place"].startswith("events[1]") for each in report["rejected"]] == [True]
    assert report["unscheduled"] == []


def test_importing_twice_changes_nothing(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)
    changes = stage.engine.store.rows("SELECT * FROM change")

    stage.admin("POST", "/v1/events", {"_embedded": {"events": [DISCOVERY]}, "page": {}})

    assert stage.engine.store.rows("SELECT * FROM change") == changes


def test_an_import_without_any_event_is_refused_with_its_fix(stage: Stage) -> None:
    answer = stage.admin("POST", "/v1/events", {"hello": "world"})

    assert answer.status == 422
    assert answer.json["errors"][0]["fix"]


def test_an_imported_event_is_shown(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)

    shown = stage.admin("GET", "/v1/events/E1").json

    assert (shown["name"], shown["venue"]["city"], shown["status"]) == ("Les Étoiles Filantes", "Montréal", "offsale")
    assert stage.admin("GET", "/v1/events/E2").status == 404


def test_events_are_listed_page_by_page(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", [an_event(f"E{n}") for n in range(5)])
    first = stage.admin("GET", "/v1/events?limit=2").json
    second = stage.admin("GET", f"/v1/events?limit=2&cursor={first['next_cursor']}").json
    third = stage.admin("GET", f"/v1/events?limit=2&cursor={second['next_cursor']}").json

    seen = [each["event_id"] for page in (first, second, third) for each in page["items"]]
    assert seen == ["E0", "E1", "E2", "E3", "E4"]
    assert third["next_cursor"] is None


def test_a_cursor_that_nobody_gave_out_is_refused(door: Stage) -> None:
    for wrong in ("nonsense", "e30", "%00"):
        assert door.admin("GET", f"/v1/events?cursor={wrong}").status == 400
    assert door.admin("GET", "/v1/events?limit=0").status == 422
