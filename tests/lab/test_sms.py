import re

import pytest

from fanfare.lab.config import OptOutKeeper
from tests.lab.calls import ACCOUNT, BASIC, FAN, MESSAGES, OURS, Caller
from tests.lab.conftest import Start

SERVICE = "MG" + "a" * 32


def test_a_text_is_taken_with_the_documented_fields(lab: Caller) -> None:
    reply = lab.text(body="Les Étoiles à 10 h")

    assert reply.status == 201
    assert re.fullmatch(r"SM[0-9a-f]{32}", reply.json["sid"])
    assert reply.json == {
        "sid": reply.json["sid"],
        "account_sid": ACCOUNT,
        "messaging_service_sid": None,
        "status": "queued",
        "from": OURS,
        "to": FAN,
        "body": "Les Étoiles à 10 h",
        "num_segments": "1",
        "error_code": None,
        "error_message": None,
        "date_created": "Fri, 08 May 2026 15:30:00 +0000",
        "date_sent": None,
        "date_updated": "Fri, 08 May 2026 15:30:00 +0000",
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{reply.json['sid']}.json",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{reply.json['sid']}/Media.json"},
        "direction": "outbound-api",
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
    }


def test_a_service_accepts_before_it_has_chosen_a_sender(lab: Caller) -> None:
    reply = lab.text(From="", MessagingServiceSid=SERVICE).json

    assert (reply["status"], reply["from"], reply["num_segments"]) == ("accepted", None, "0")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"to": ""}, 400, 21604),
        ({"From": ""}, 400, 21603),
        ({"body": ""}, 400, 21602),
        ({"to": "4165550123"}, 400, 21211),
        ({"to": "+11165550123"}, 400, 21211),
        ({"to": "+1416555012"}, 400, 21211),
        ({"From": "+"}, 400, 21212),
        ({"body": "x" * 1601}, 400, 21617),
        ({"StatusCallback": "ftp://x.test/"}, 400, 21609),
        ({"StatusCallback": "https://under_score.test/"}, 400, 21609),
        ({"MessagingServiceSid": "MG1"}, 404, 21701),
        ({"ValidityPeriod": "0"}, 400, 20001),
        ({"ValidityPeriod": "36001"}, 400, 20001),
        ({"ScheduleType": "fixed"}, 400, 35118),
    ],
)
def test_a_bad_form_is_refused_with_the_providers_code(
    lab: Caller, fields: dict[str, str], status: int, code: int
) -> None:
    reply = lab.text(**fields)

    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)
    assert reply.json["more_info"].endswith(f"/{code}")
    assert lab.ledger()["accepted"] == 0


@pytest.mark.parametrize("path", [MESSAGES, MESSAGES.replace(ACCOUNT, "AC" + "9" * 32)])
def test_wrong_credentials_or_a_foreign_account_are_not_let_in(lab: Caller, path: str) -> None:
    headers = {"Authorization": "Basic bm86bm8="}

    for method in ("GET", "POST"):
        reply = lab.call(method, path, headers=headers)
        assert (reply.status, reply.json["code"]) == (401, 20003)


def test_a_text_can_be_shown_and_follows_its_reports(lab: Caller) -> None:
    created = lab.text().json

    lab.step("2026-05-08T15:31:00Z")

    shown = lab.get(created["uri"], BASIC).json
    assert shown["status"] == "delivered"
    assert shown["date_sent"] is not None
    assert lab.get(MESSAGES.replace(".json", "/SM00.json"), BASIC).json["code"] == 20404


def test_a_look_up_finds_by_number_and_day_the_newest_first(lab: Caller) -> None:
    first = lab.text(body="one").json["sid"]
    lab.text(to="+14165550199", body="other")
    lab.step("2026-05-09T10:00:00Z")
    second = lab.text(body="two").json["sid"]

    def found(query: str) -> list[str]:
        page = lab.get(f"{MESSAGES}?To=%2B14165550123{query}", BASIC).json
        return [message["sid"] for message in page["messages"]]

    assert found("") == [second, first]
    assert found("&DateSent%3E=2026-05-09") == [second]
    assert found("&DateSent%3E%3D=2026-05-09") == [second]
    assert found("&DateSent%3C=2026-05-08") == [first]
    assert found("&DateSent=2026-05-08") == [first]
    assert found("&From=%2B19995550100") == []


def test_a_look_up_pages(lab: Caller) -> None:
    for number in range(3):
        lab.text(body=f"text {number}")

    page = lab.get(f"{MESSAGES}?PageSize=2", BASIC).json
    rest = lab.get(page["next_page_uri"], BASIC).json

    assert (len(page["messages"]), page["end"], len(rest["messages"]), rest["next_page_uri"]) == (2, 1, 1, None)


def test_after_stop_the_provider_refuses_until_start(lab: Caller) -> None:
    assert lab.fan_texts(" Stop ").json["optOutType"] == "STOP"
    assert lab.text().json["code"] == 21610

    assert lab.fan_texts("START").json["optOutType"] == "START"
    assert lab.text().status == 201


def test_the_provider_does_not_know_french_and_leaves_it_to_us(lab: Caller) -> None:
    assert lab.fan_texts("ARRÊT").json["optOutType"] is None
    assert lab.text().status == 201


def test_a_provider_without_advanced_opt_out_answers_nothing_itself(start_lab: Start) -> None:
    lab = start_lab(opt_out_keeper=OptOutKeeper.OURS)

    assert lab.fan_texts("STOP").json["optOutType"] is None
    assert lab.text().status == 201


def test_a_late_text_whose_validity_ends_is_never_sent(start_lab: Start) -> None:
    lab = start_lab(faults="delivery_late=1")
    lab.text(ValidityPeriod="120")

    lab.step("2026-05-08T17:00:00Z")

    events = [line["data"] for line in lab.stream()]
    assert [(event["messageStatus"], event["errorCode"]) for event in events] == [("failed", 30036)]
    assert events[0]["timestamp"] == "2026-05-08T15:32:00.000Z"


def test_an_answer_can_take_its_time(start_lab: Start) -> None:
    lab = start_lab(sms_latency_ms=20)

    assert lab.text().status == 201
