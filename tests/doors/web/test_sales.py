"""The on-sale calendar at the web door."""

from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import DISCOVERY
from tests.doors.web.test_events import an_event


def ids(stage: Stage, query: str) -> list[str]:
    return [each["sale_id"] for each in stage.admin("GET", f"/v1/sales?{query}").json["items"]]


def test_sales_are_listed_by_their_opening(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)

    opens = [each["starts_at"] for each in stage.admin("GET", "/v1/sales").json["items"]]

    assert opens == ["2026-05-05T14:00:00Z", "2026-05-06T14:00:00Z", "2026-05-08T14:00:00Z"]


def test_sales_of_one_instant_are_each_listed_once(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", [an_event(f"E{n}") for n in range(4)])
    seen: list[str] = []
    query = "limit=3"
    while True:
        page = stage.admin("GET", f"/v1/sales?{query}").json
        seen += [each["sale_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=3&cursor={page['next_cursor']}"

    assert len(seen) == len(set(seen)) == 12


def test_the_sales_of_one_event_are_all_listed(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", [an_event("E1"), an_event("E2")])

    assert len(ids(stage, "event_id=E1")) == 3
    assert ids(stage, "event_id=none") == []


def test_a_sale_is_silenced_and_speaks_again(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)

    assert stage.admin("POST", "/v1/sales/E1:public/suppress").json["suppressed"] == "by_operator"
    assert stage.admin("GET", "/v1/sales/E1:public").json["suppressed"] == "by_operator"
    assert stage.admin("POST", "/v1/sales/E1:public/unsuppress").json["suppressed"] is None


def test_a_sale_that_nobody_knows_is_not_found(door: Stage) -> None:
    assert door.admin("GET", "/v1/sales/E9:public").status == 404
    assert door.admin("POST", "/v1/sales/E9:public/suppress").status == 404
    assert door.admin("POST", "/v1/sales/E9:public/unsuppress").status == 404
