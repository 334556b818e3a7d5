import queue
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from fanfare.lab.config import ReportRoute
from fanfare.lab.signature import sign
from fanfare.lab.webhooks import is_loopback
from tests.lab.calls import FAN
from tests.lab.conftest import Start

Call = tuple[str, dict[str, str], dict[str, str]]


@contextmanager
def receiver(statuses: list[int]) -> Generator[tuple[str, "queue.Queue[Call]"]]:
    """Serve webhooks; the first calls are answered with the given statuses, all further ones with 204."""
    calls: queue.Queue[Call] = queue.Queue()

    class Receive(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            calls.put((self.path, dict(parse_qsl(body, keep_blank_values=True)), dict(self.headers)))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_reports_are_posted_signed_to_the_callback_itself(start_lab: Start) -> None:
    with receiver([]) as (base_url, calls):
        lab = start_lab(reports=ReportRoute.WEBHOOK)
        url = f"{base_url}/sms/status?n=7f3a"
        sid = lab.text(StatusCallback=url).json["sid"]
        lab.step("2026-05-08T15:31:00Z")

        got = [calls.get(timeout=5) for _ in range(2)]

    assert {form["MessageStatus"] for _, form, _ in got} == {"sent", "delivered"}
    for path, form, headers in got:
        assert path == "/sms/status?n=7f3a"
        assert (form["MessageSid"], form["To"]) == (sid, FAN)
        assert headers["X-Twilio-Signature"] == sign("lab-token", url, form)
        assert headers["I-Twilio-Idempotency-Token"] == f"{sid}-{form['MessageStatus']}"
    assert lab.stream() == []


def test_a_webhook_that_fails_is_called_again_with_the_same_token(
    start_lab: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanfare.lab.webhooks._PAUSE_SECONDS", 0.01)
    with receiver([500]) as (base_url, calls):
        lab = start_lab(reports=ReportRoute.BOTH, inbound_url=f"{base_url}/inbound")
        lab.fan_texts("Arrêt")

        got = [calls.get(timeout=5) for _ in range(2)]

    assert [form["Body"] for _, form, _ in got] == ["Arrêt", "Arrêt"]
    assert len({headers["I-Twilio-Idempotency-Token"] for _, _, headers in got}) == 1
    assert all(
        headers["X-Twilio-Signature"] == sign("lab-token", f"{base_url}/inbound", form) for _, form, headers in got
    )
    assert len(lab.stream()) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]:5/", True),
        ("http://localhost/", True),
        ("http://10.0.0.1/", False),
        ("http://example.test/", False),
        ("https://127.0.0.1/", False),
        ("http:///", False),
    ],
)
def test_only_this_machine_is_ever_called(url: str, expected: bool) -> None:  # noqa: FBT001 -- a table's column
    assert is_loopback(url) is expected
