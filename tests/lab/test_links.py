import json

import pytest

from tests.lab.calls import Caller, Reply
from tests.lab.conftest import Start

LONG = "https://www.ticketmaster.ca/event/3100EXAMPLE01"


def shorten(lab: Caller, **asked: str) -> Reply:
    bearer = asked.pop("token", "lab-links-token")
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    return lab.call("POST", "/v4/shorten", json.dumps({"long_url": LONG, **asked}), headers)


def test_the_same_address_gives_the_same_link(lab: Caller) -> None:
    made, known, branded = shorten(lab), shorten(lab), shorten(lab, domain="tix.example.test")

    assert (made.status, known.status, branded.status) == (201, 200, 201)
    assert made.json == known.json
    assert made.json["link"] == f"https://{made.json['id']}"
    assert (made.json["long_url"], made.json["created_at"]) == (LONG, "2026-05-08T15:30:00+0000")
    assert branded.json["id"].startswith("tix.example.test/")


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"long_url": ""}, 400, "INVALID_ARG_LONG_URL"),
        ({"long_url": "mailto:x"}, 400, "INVALID_ARG_LONG_URL"),
        ({"long_url": "https://bit.ly/abc"}, 400, "ALREADY_A_BITLY_LINK"),
        ({"domain": "example.com"}, 403, "FORBIDDEN"),
        ({"token": "wrong"}, 403, "FORBIDDEN"),
    ],
)
def test_a_bad_request_is_refused(lab: Caller, asked: dict[str, str], status: int, message: str) -> None:
    reply = shorten(lab, **asked)

    assert (reply.status, reply.json["message"]) == (status, message)


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("links_429", 429, b"RATE_LIMIT_EXCEEDED"),
        ("links_monthly", 429, b"MONTHLY_ENCODE_LIMIT_REACHED"),
        ("links_500", 500, b"Internal"),
    ],
)
def test_the_shortener_fails_on_request(start_lab: Start, kind: str, status: int, text: bytes) -> None:
    reply = shorten(start_lab(faults=f"{kind}=1"))

    assert reply.status == status
    assert text in reply.body
