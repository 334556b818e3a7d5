from typing import Any

import pytest

from fanfare.lab.config import WorldKind
from tests.lab.calls import FAN, Caller
from tests.lab.conftest import Start

KEY = "apikey=lab-key"


def event(event_id: str, **changes: object) -> dict[str, object]:
    return {
        "id": event_id,
        "name": f"Show {event_id}",
        "type": "event",
        "test": False,
        "sales": {"public": {"startDateTime": "2026-05-08T16:00:00Z", "startTBD": False, "startTBA": False}},
        "dates": {"start": {"dateTime": "2026-08-01T23:30:00Z"}},
        "somethingNew": [1, 2],
        **changes,
    }


def ids(reply: Any) -> list[str]:  # noqa: ANN401 -- a page of JSON
    return [each["id"] for each in reply.get("_embedded", {"events": []})["events"]]


@pytest.mark.parametrize("query", ["", "apikey=", "apikey=wrong"])
def test_the_gateway_wants_the_key(lab: Caller, query: str) -> None:
    reply = lab.get(f"/discovery/v2/events.json?{query}")

    assert reply.status == 401
    assert reply.json["fault"]["detail"]["errorcode"] == "oauth.v2.InvalidApiKey"


def test_an_event_is_shown_as_it_was_loaded_with_quota_headers(lab: Caller) -> None:
    loaded = event("G5-a_B1")
    assert lab.put("/discovery/v2/events/G5-a_B1.json", loaded).status == 200

    reply = lab.get(f"/discovery/v2/events/G5-a_B1.json?{KEY}")

    assert reply.json == loaded
    assert (reply.headers["Rate-Limit"], reply.headers["Rate-Limit-Available"]) == ("5000", "4999")
    assert reply.headers["Rate-Limit-Reset"] == "1778284800000"


def test_an_unknown_event_is_dis1004(lab: Caller) -> None:
    reply = lab.get(f"/discovery/v2/events/abc.json?{KEY}")

    (error,) = reply.json["errors"]
    assert (reply.status, error["code"], error["status"]) == (404, "DIS1004", "404")
    assert "id=abc" in error["detail"]


def test_an_event_must_be_loaded_under_its_own_id(lab: Caller) -> None:
    assert lab.put("/discovery/v2/events/other.json", event("A")).status == 400
    assert lab.put("/discovery/v2/events/A.json", {"no": "event"}).status == 400


def test_search_pages_without_the_key_in_its_links(lab: Caller) -> None:
    for number in range(5):
        lab.put(f"/discovery/v2/events/E{number}.json", event(f"E{number}"))

    first = lab.get(f"/discovery/v2/events.json?{KEY}&size=2&keyword=show").json
    second = lab.get(f"{first['_links']['next']['href']}&{KEY}").json
    last = lab.get(f"/discovery/v2/events.json?{KEY}&size=2&page=2").json

    assert first["page"] == {"size": 2, "totalElements": 5, "totalPages": 3, "number": 0}
    assert (ids(first), ids(second), ids(last)) == (["E0", "E1"], ["E2", "E3"], ["E4"])
    assert "apikey" not in first["_links"]["next"]["href"]
    assert "next" not in last["_links"]


def test_a_search_without_hits_has_no_embedded(lab: Caller) -> None:
    page = lab.get(f"/discovery/v2/events.json?{KEY}").json

    assert "_embedded" not in page
    assert page["page"]["totalElements"] == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [("size=100&page=10", "DIS1035"), ("onsaleStartDateTime=2026-05-08", "DIS1015")],
)
def test_a_bad_search_is_refused(lab: Caller, query: str, code: str) -> None:
    reply = lab.get(f"/discovery/v2/events.json?{KEY}&{query}")

    assert (reply.status, reply.json["errors"][0]["code"]) == (400, code)


def test_a_misspelt_filter_filters_nothing_but_is_named(lab: Caller) -> None:
    lab.put("/discovery/v2/events/A.json", event("A"))

    reply = lab.get(f"/discovery/v2/events.json?{KEY}&countrycode=MX")

    assert ids(reply.json) == ["A"]
    assert reply.headers["X-Unknown-Params"] == "countrycode"


@pytest.mark.parametrize(
    ("query", "included", "excluded"),
    [
        ("", "Z7r9jZ1AdResaleX", "vvG1fZ9TestEvent"),
        ("source=ticketmaster", "vvG1fZ9LakeShore", "Z7r9jZ1AdResaleX"),
        ("includeTest=only", "vvG1fZ9TestEvent", "vvG1fZ9LakeShore"),
        ("includeTest=yes&countryCode=US", "vvG1fZ9TestEvent", "G5vYZ9AurSand01"),
        ("countryCode=CA", "G5vYZ9AurSand01", "1AvZZ9ForoLago_1"),
        ("stateCode=QC", "G5vYZ9EtoilesF-1", "G5vYZ9AurSand01"),
        ("city=Qu%C3%A9bec", "G5vYZ9SalleCap_1", "G5vYZ9EtoilesF-1"),
        ("segmentId=KZFzniwnSyZfZ7v7na", "1AvZZ9Gaslight01", "G5vYZ9AurSand01"),
        ("segmentName=sports", "vvG1fZ9Hockey001", "G5vYZ9AurSand01"),
        ("classificationName=country", "vvG1fZ9OldDepot1", "G5vYZ9AurSand01"),
        ("id=vvG1fZ9LakeShore,vvG1fZ9MileRock1", "vvG1fZ9MileRock1", "G5vYZ9AurSand01"),
        ("keyword=LANTERNS", "1AvZZ9Groves_Bwl", "G5vYZ9AurSand01"),
        ("onsaleStartDateTime=2026-05-08T17:01:00Z", "vvG1fZ9LakeShore", "G5vYZ9AurSand01"),
        ("onsaleEndDateTime=2026-05-08T17:00:00Z", "G5vYZ9AurSand01", "Z7r9jZ1AdResaleX"),
        ("onsaleOnStartDate=2026-05-09", "vvG1fZ9FortPoint", "G5vYZ9AurSand01"),
    ],
)
def test_filters_choose(start_lab: Start, query: str, included: str, excluded: str) -> None:
    lab = start_lab(world=WorldKind.NIGHT, fans=10)

    found = ids(lab.get(f"/discovery/v2/events.json?{KEY}&size=200&{query}").json)

    assert included in found
    assert excluded not in found


def test_the_daily_quota_ends_and_begins_again(start_lab: Start) -> None:
    lab = start_lab(discovery_quota_max=2)
    path = f"/discovery/v2/events.json?{KEY}"

    statuses = [lab.get(path).status for _ in range(3)]
    over = lab.get(path)
    lab.step("2026-05-09T00:00:01Z")

    assert statuses == [200, 200, 429]
    assert over.json["fault"]["detail"]["errorcode"] == "policies.ratelimit.QuotaViolation"
    assert over.headers["Rate-Limit-Over"] == "2"
    assert lab.get(path).status == 200


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("discovery_500", 500, b"<html>"),
        ("discovery_429", 429, b"SpikeArrestViolation"),
        ("discovery_quota", 429, b"QuotaViolation"),
    ],
)
def test_discovery_fails_on_request(start_lab: Start, kind: str, status: int, text: bytes) -> None:
    reply = start_lab(faults=f"{kind}=1").get(f"/discovery/v2/events.json?{KEY}")

    assert reply.status == status
    assert text in reply.body


def test_what_is_late_follows_what_discovery_says_now(lab: Caller) -> None:
    lab.put("/plan", {"to": FAN, "event_id": "A"})
    lab.put("/discovery/v2/events/A.json", event("A"))
    lab.step("2026-05-08T16:00:01Z")
    lab.text()
    assert lab.ledger()["after_sale_start"] == 1

    moved = {"public": {"startDateTime": "2026-05-08T17:00:00Z"}}
    lab.put("/discovery/v2/events/A.json", event("A", sales=moved))

    assert lab.ledger()["after_sale_start"] == 0


@pytest.mark.parametrize(
    ("sales", "late"),
    [
        ({"public": {"startDateTime": "1900-01-01T06:00:00Z"}}, 0),
        ({"public": {"startTBA": True}}, 0),
        ({}, 0),
        (
            {
                "public": {"startDateTime": "2026-05-08T15:45:00Z"},
                "presales": [{"name": "VIP", "startDateTime": "2026-05-08T18:00:00Z"}],
            },
            1,
        ),
        ({"presales": [{"name": "Artist", "startDateTime": "2026-05-08T15:45:00Z"}]}, 1),
    ],
)
def test_only_known_openings_can_be_missed(lab: Caller, sales: object, late: int) -> None:
    lab.put("/plan", {"to": FAN, "event_id": "A"})
    lab.put("/discovery/v2/events/A.json", event("A", sales=sales))
    lab.step("2026-05-08T16:00:01Z")
    lab.text()

    assert lab.ledger()["after_sale_start"] == late
