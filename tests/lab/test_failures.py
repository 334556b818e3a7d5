import http.client
import socket
from urllib.parse import urlencode

import pytest

from tests.lab.calls import BASIC, FAN, MESSAGES, OURS, Caller
from tests.lab.conftest import Start


def exchange(lab: Caller, *, seconds: float = 5.0) -> bytes:
    """Send one text over a bare socket and return all bytes until the other side ends."""
    body = urlencode({"To": FAN, "From": OURS, "Body": "hello"}).encode()
    head = f"POST {MESSAGES} HTTP/1.1\r\nHost: lab\r\nAuthorization: {BASIC['Authorization']}\r\n"
    host, port = lab.host.split(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as sock:
        sock.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        received = b""
        while piece := sock.recv(65536):
            received += piece
        return received


@pytest.mark.parametrize(("kind", "accepted"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_is_a_reset_whether_or_not_the_text_was_taken(start_lab: Start, kind: str, accepted: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    with pytest.raises(ConnectionResetError):
        exchange(lab)

    assert lab.ledger()["accepted"] == accepted


@pytest.mark.parametrize(("kind", "accepted"), [("close_after_read", 0), ("accept_then_close", 1)])
def test_a_hang_up_leaves_not_one_byte(start_lab: Start, kind: str, accepted: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    assert exchange(lab) == b""
    assert lab.ledger()["accepted"] == accepted


@pytest.mark.parametrize(("kind", "accepted"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_timeout_says_nothing(start_lab: Start, kind: str, accepted: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    with pytest.raises(TimeoutError):
        exchange(lab, seconds=0.2)

    assert lab.ledger()["accepted"] == accepted


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [("error_500", 500, 0), ("error_503", 503, 0), ("error_500_after", 500, 1)],
)
def test_a_server_error_says_nothing_about_acceptance(start_lab: Start, kind: str, status: int, accepted: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    assert lab.text().status == status
    assert lab.ledger()["accepted"] == accepted


def test_too_many_comes_with_retry_after_in_all_its_forms(start_lab: Start) -> None:
    lab = start_lab(faults="too_many=1")

    replies = [lab.text(body=f"text {number}") for number in range(40)]

    assert {(reply.status, reply.json["code"]) for reply in replies} == {(429, 20429)}
    forms = {reply.headers.get("Retry-After") for reply in replies}
    assert forms == {"1", "soon", None, "Fri, 08 May 2026 15:30:02 GMT"}
    assert lab.ledger()["accepted"] == 0


def test_a_malformed_success_never_reads_as_a_text(start_lab: Start) -> None:
    lab = start_lab(faults="malformed_2xx=1")
    believable = 0

    for number in range(30):
        try:
            reply = lab.text(body=f"text {number}")
            believable += "sid" in reply.json
        except (ValueError, http.client.IncompleteRead):
            continue

    assert believable == 0
    assert lab.ledger()["accepted"] == 30


def test_a_slow_answer_arrives_whole(start_lab: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanfare.lab.failures._SLOW_SECONDS", 0.05)
    lab = start_lab(faults="slow_answer=1")

    assert lab.text().json["status"] == "queued"


@pytest.mark.parametrize(("kind", "code"), [("bad_number", 21211), ("not_mobile", 21614), ("opted_out", 21610)])
def test_a_flaw_of_the_number_refuses_each_time(start_lab: Start, kind: str, code: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    assert [lab.text(body=f"text {number}").json["code"] for number in range(3)] == [code] * 3


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("unreachable", "undelivered", 30003),
        ("blocked", "undelivered", 30004),
        ("unknown_handset", "undelivered", 30005),
        ("landline", "undelivered", 30006),
        ("filtered", "undelivered", 30007),
        ("unknown_error", "undelivered", 30008),
        ("congested", "undelivered", 30017),
        ("rate_exceeded", "failed", 30022),
        ("queue_overflow", "failed", 30001),
    ],
)
def test_each_road_ends_with_its_code(start_lab: Start, kind: str, status: str, code: int) -> None:
    lab = start_lab(faults=f"{kind}=1")
    lab.text()

    lab.step("2026-05-08T15:31:00Z")

    last = lab.stream()[-1]["data"]
    assert (last["messageStatus"], last["errorCode"]) == (status, code)


def test_an_outage_refuses_everything_for_as_long_as_it_lasts(start_lab: Start) -> None:
    lab = start_lab(faults="outage=60+30")

    assert lab.text().status == 201
    assert lab.get("/clock").json["next_at"] == "2026-05-08T15:30:01Z"
    lab.step("2026-05-08T15:31:00Z")
    assert (lab.text().status, lab.get(MESSAGES, BASIC).status) == (503, 503)
    assert lab.get("/clock").json["next_at"] == "2026-05-08T15:31:30Z"
    lab.step("2026-05-08T15:31:30Z")
    assert lab.text(body="again").status == 201
    assert lab.ledger()["accepted"] == 2
