import json
from base64 import b64encode

import pytest

from fanfare.lab.config import WorldKind
from tests.lab.calls import Caller, Reply
from tests.lab.conftest import Start

CLIENT = {"Authorization": "Basic " + b64encode(b"lab-client:lab-secret").decode()}
GRANT = "grant_type=client_credentials&scope=account.read"


def bearer(lab: Caller) -> dict[str, str]:
    token = lab.call("POST", "/oauth2/token", GRANT, CLIENT).json["access_token"]
    return {"Authorization": f"Bearer {token}"}


def look_up(lab: Caller, email: str) -> Reply:
    return lab.call("POST", "/accounts:lookup", json.dumps({"email": email}), bearer(lab))


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (GRANT, {}, 401, "invalid_client"),
        ("grant_type=password", CLIENT, 400, "unsupported_grant_type"),
        ("grant_type=client_credentials&scope=all", CLIENT, 400, "invalid_scope"),
    ],
)
def test_a_token_is_given_to_the_client_only(
    lab: Caller, body: str, headers: dict[str, str], status: int, error: str
) -> None:
    reply = lab.call("POST", "/oauth2/token", body, headers)

    assert (reply.status, reply.json["error"]) == (status, error)


def test_a_token_ends_after_its_hour(lab: Caller) -> None:
    headers = bearer(lab)
    lab.put("/accounts/acc_1", {"accountId": "acc_1", "email": "zoe@example.test"})
    assert lab.get("/accounts/acc_1", headers).json["email"] == "zoe@example.test"

    lab.step("2026-05-08T16:30:00Z")

    assert lab.get("/accounts/acc_1", headers).status == 401
    assert lab.get("/accounts/acc_1", bearer(lab)).status == 200


def test_accounts_are_found_by_email_or_said_to_be_several(lab: Caller) -> None:
    for number in (1, 2):
        lab.put(f"/accounts/acc_{number}", {"accountId": f"acc_{number}", "email": "Same@example.test"})
    lab.put("/accounts/acc_3", {"accountId": "acc_3", "email": "zoe@example.test"})

    assert look_up(lab, "ZOE@example.test ").json["accountId"] == "acc_3"
    assert look_up(lab, "same@example.test").status == 409
    missing = look_up(lab, "nobody@example.test")
    assert (missing.status, missing.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_merged_account_is_gone_and_says_where_to(lab: Caller) -> None:
    lab.put("/accounts/acc_1", {"accountId": "acc_1", "mergedInto": "acc_2"})

    reply = lab.get("/accounts/acc_1", bearer(lab))

    assert (reply.status, reply.json["mergedInto"]) == (410, "acc_2")


def test_an_account_must_be_loaded_under_its_own_id(lab: Caller) -> None:
    assert lab.put("/accounts/acc_1", {"accountId": "acc_2"}).status == 400


def test_the_nights_fans_have_accounts(start_lab: Start) -> None:
    lab = start_lab(world=WorldKind.NIGHT, fans=200)
    headers = bearer(lab)

    accounts = [lab.get(f"/accounts/fan_{number:06d}", headers).json for number in range(1, 201)]

    with_mail = next(account for account in accounts if account["email"])
    assert look_up(lab, with_mail["email"]).json == with_mail
    assert all(account["phoneNumber"] or account["email"] for account in accounts)
    for unknown in ("fan_000201", "fan_000000", "fan_x", "acc_1"):
        assert lab.get(f"/accounts/{unknown}", headers).status == 404


@pytest.mark.parametrize(("kind", "status"), [("accounts_500", 500), ("accounts_401", 401)])
def test_the_account_service_fails_on_request(start_lab: Start, kind: str, status: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    assert lab.get("/accounts/acc_1", bearer(lab)).status == status
