"""What every answer carries, and what no request gets past."""

import socket

import pytest

from fanfare.doors.web import edge
from fanfare.ports.api_keys import Scope
from tests.doors.web.conftest import Stage

EVERYWHERE = ("/livez", "/v1/events", "/nothing/here", "/u/x", "/e/E1", "/assets/fan.css", "/openapi.json")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_headers_that_protect(door: Stage, path: str) -> None:
    headers = door.call("GET", path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "cache-control" in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/u/x", "/e/E1"])
def test_pages_run_no_script_and_load_nothing_from_elsewhere(door: Stage, path: str) -> None:
    answer = door.call("GET", path)

    assert "script" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_a_request_is_named_by_its_caller_or_by_us(door: Stage) -> None:
    assert door.call("GET", "/livez", X_Request_Id="caller-chose-1").headers["x-request-id"] == "caller-chose-1"
    for wrong in ("short", "bad id with spaces", "x" * 65, "a" * 10 + "\u00e9"):
        assert door.call("GET", "/livez", X_Request_Id=wrong).headers["x-request-id"] != wrong


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("DELETE", "/livez", 405),
        ("GET", "/v1/events", 401),
        ("POST", "/hooks/sms/twilio/status", 415),
    ],
)
def test_every_refusal_is_a_problem_document(door: Stage, method: str, path: str, status: int) -> None:
    answer = door.call(method, path, b"" if method == "POST" else None)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["instance"].endswith(answer.headers["x-request-id"])


def test_a_body_that_is_too_large_is_refused_before_it_is_read(door: Stage) -> None:
    key = door.key(Scope.ADMIN)

    assert door.call("POST", "/v1/demands", b"x" * 100_001, key=key).status == 413
    assert door.call("POST", "/v1/events", b"[" * 200_000, key=key, Content_Type="application/json").status in {
        400,
        422,
    }


def test_a_body_of_unknown_length_is_cut_off_where_it_grows_too_large(door: Stage) -> None:
    host, port = door.url.removeprefix("http://").split(":")
    head = (
        "POST /v1/demands HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {door.key(Scope.ADMIN)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        for _ in range(3):
            connection.sendall(b"c350\r\n" + b"1" * 50_000 + b"\r\n")
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_never_comes_is_not_waited_for(door: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "BODY_SECONDS_MAX", 0.05)
    host, port = door.url.removeprefix("http://").split(":")
    head = (
        "POST /v1/demands HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n"
        f"Authorization: Bearer {door.key(Scope.ADMIN)}\r\n\r\n{{"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_packed_body_is_not_unpacked(door: Stage, encoding: str) -> None:
    key = door.key(Scope.ADMIN)

    assert door.call("POST", "/v1/demands", b"x", key=key, Content_Encoding=encoding).status == 415


def test_json_nested_without_end_is_refused(door: Stage) -> None:
    key = door.key(Scope.ADMIN)
    body = b'{"a":' * 15_000 + b"1" + b"}" * 15_000

    assert door.call("POST", "/v1/demands", body, key=key, Content_Type="application/json").status in {400, 422}


def test_the_quota_of_a_key_is_told(door: Stage) -> None:
    headers = door.call("GET", "/v1/events", key=door.key(Scope.EVENTS_READ)).headers

    assert headers["ratelimit-policy"] == '"key";q=100000;w=60'
    assert headers["ratelimit"].startswith('"key";r=')


def test_a_path_out_of_the_assets_leads_nowhere(door: Stage) -> None:
    for path in ("/assets/../conftest.py", "/assets/%2e%2e/app.py", "/assets/fan.css/..%2f..%2fapp.py"):
        assert door.call("GET", path).status == 404


def test_a_slash_too_many_led_to_the_host_that_the_caller_named_and_leads_nowhere(door: Stage) -> None:
    answer = door.call("GET", "/v1/events/", Host="evil.example")

    assert answer.status in {401, 404}
    assert "location" not in answer.headers
