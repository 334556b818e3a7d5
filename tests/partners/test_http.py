import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from fanfare.partners.addresses import AddressPolicy
from fanfare.partners.http import RETRY_AFTER_SECONDS_MAX, Http, HttpConfig, Lost, NotLeft, Request, Response, always
from fanfare.ports.faults import Transient
from tests.partners.certificates import certificate_for
from tests.partners.raw_server import Peer, RawServer, Script, answering, resetting, serving
from tests.partners.real_clock import NOON, RealClock

CONFIG = HttpConfig(total_seconds=10)
HURRIED = replace(CONFIG, total_seconds=0.6)


@contextmanager
def connected(script: Script, config: HttpConfig = CONFIG) -> Generator[tuple[RawServer, Http]]:
    with serving(script) as server:
        http = Http(config, clock=RealClock())
        yield server, http
        http.close()


def post(server: RawServer, body: bytes = b"a=1") -> Request:
    return Request("POST", server.url + "/messages", ("Content-Type: text/plain",), body)


def test_an_answer_comes_whole_and_in_the_order_of_the_requests() -> None:
    def echo(peer: Peer) -> None:
        while request := peer.read():
            peer.answer(201, request.body, "X-Name: v")

    with connected(echo) as (server, http):
        results = http.send_all([post(server, b"%d" % n) for n in range(500)])

    assert [(r.status, r.body) for r in results if isinstance(r, Response)] == [(201, b"%d" % n) for n in range(500)]
    assert isinstance(results[0], Response)
    assert results[0].header("x-name") == "v"
    assert results[0].header("absent") is None
    assert server.seen[0].headers["user-agent"].startswith("fanfare/")
    assert "expect" not in server.seen[0].headers


def test_connections_are_reused_over_batches_and_never_more_than_allowed() -> None:
    with connected(answering(200), replace(CONFIG, concurrency=5)) as (server, http):
        for _ in range(10):
            http.send_all([post(server)] * 20)

        assert len(server.seen) == 200
        assert server.connections <= 5


def test_a_reused_connection_closed_after_reading_gets_the_request_once() -> None:
    def read_twice_answer_once(peer: Peer) -> None:
        peer.read()
        peer.answer(201)
        peer.read()  # and close without a byte

    with connected(read_twice_answer_once) as (server, http):
        first = http.send(post(server, b"first"))
        second = http.send(post(server, b"second"))
        time.sleep(0.05)  # a silent second try would arrive now

        assert isinstance(first, Response)
        assert isinstance(second, Lost)
        assert [request.body for request in server.seen] == [b"first", b"second"]


def test_a_connection_that_the_peer_closed_while_idle_is_never_taken_for_unsent() -> None:
    """libcurl looks for dead connections once a second; in between, the guard refuses its silent second try."""

    def one_each(peer: Peer) -> None:
        peer.read()
        peer.answer(201)

    with connected(one_each) as (server, http):
        http.send(post(server))
        time.sleep(0.05)

        result = http.send(post(server))

        assert len(server.seen) == 1 + isinstance(result, Response)
        assert not isinstance(result, NotLeft)


def test_a_connection_that_was_reset_while_idle_lets_no_byte_out() -> None:
    def answer_and_reset(peer: Peer) -> None:
        peer.read()
        peer.answer(201)
        time.sleep(0.02)
        peer.reset()

    with connected(answer_and_reset) as (server, http):
        http.send(post(server))
        time.sleep(0.1)

        assert http.send(post(server)) == NotLeft("closed before an answer")
        assert len(server.seen) == 1


@pytest.mark.parametrize("http2", [False, True])
def test_over_either_version_a_lost_answer_is_never_taken_for_unsent(*, http2: bool) -> None:
    with connected(resetting, replace(CONFIG, http2=http2)) as (server, http):
        assert isinstance(http.send(post(server)), Lost)
        assert len(server.seen) == 1


def test_a_new_connection_closed_after_reading_is_lost() -> None:
    with connected(lambda peer: peer.read() and None) as (server, http):
        assert isinstance(http.send(post(server)), Lost)
        assert len(server.seen) == 1


def reset_within_the_answer(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
    peer.reset()


def cut_short(peer: Peer) -> None:
    peer.read()
    peer.send(b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"sid"')


def lie_in_chunks(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort\r\n0\r\n\r\n")


def name_no_chunk_size(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n0\r\n\r\n")


def talk_nonsense(peer: Peer) -> None:
    peer.read()
    peer.send(b"\x00\xff not http at all\r\n\r\n")


def drip_the_head(peer: Peer) -> None:
    peer.read()
    for byte in b"HTTP/1.1 201 Created\r\nX-Long: " + b"x" * 1000:
        peer.send(bytes([byte]))
        time.sleep(0.02)


def drip_the_body(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        peer.send(b"x")
        time.sleep(0.02)


def send_head_without_end(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\n")
    while True:
        peer.send(b"X-More: " + b"y" * 1000 + b"\r\n")


def send_body_without_end(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\n\r\n")
    while True:
        peer.send(b"z" * 65536)


def say_nothing(peer: Peer) -> None:
    peer.read()
    time.sleep(5)


def announce_a_huge_body(peer: Peer) -> None:
    peer.read()
    peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: 99999999999\r\n\r\n")


@pytest.mark.parametrize(
    "script",
    [
        resetting,
        reset_within_the_answer,
        cut_short,
        lie_in_chunks,
        name_no_chunk_size,
        talk_nonsense,
        drip_the_head,
        drip_the_body,
        send_head_without_end,
        send_body_without_end,
        announce_a_huge_body,
        say_nothing,
    ],
)
def test_bytes_left_and_no_complete_answer_is_lost(script: Script) -> None:
    with connected(script, HURRIED) as (server, http):
        result = http.send(post(server))

        assert isinstance(result, Lost)
        assert len(server.seen) == 1


@pytest.mark.parametrize("script", [send_body_without_end, announce_a_huge_body])
def test_an_answer_is_read_up_to_its_limit_only(script: Script) -> None:
    with connected(script) as (server, http):
        assert http.send(post(server)) == Lost("the answer was too large")


def test_one_bad_exchange_leaves_its_neighbours_alone() -> None:
    def moody(peer: Peer) -> None:
        while request := peer.read():
            if request.body == b"3":
                return peer.reset()
            peer.answer(200, request.body)
        return None

    with connected(moody, replace(CONFIG, concurrency=1)) as (server, http):
        results = http.send_all([post(server, b"%d" % n) for n in range(6)])

    assert [type(result) for result in results] == [Response, Response, Response, Lost, Response, Response]


def refused(_: RawServer) -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}/"


def without_tls(server: RawServer) -> str:
    return server.url.replace("http:", "https:")


def nameless(_: RawServer) -> str:
    return "http://fanfare-no-such-name.invalid/"


@pytest.mark.parametrize(
    "url_of",
    [
        refused,
        without_tls,
        nameless,
    ],
)
def test_what_never_left_is_known(url_of: Callable[[RawServer], str]) -> None:
    config = replace(CONFIG, policy=AddressPolicy(live=True, allow_private=True))
    with connected(lambda peer: peer.send(b"220 not TLS\r\n"), config) as (server, http):
        result = http.send(Request("POST", url_of(server), (), b"a=1"))

        assert isinstance(result, NotLeft)
        assert not result.held
        assert not server.seen


def test_a_trusted_certificate_lets_a_request_out(tmp_path: Path) -> None:
    certificate = certificate_for("localhost", tmp_path)
    with serving(answering(201), tls=certificate.server_context()) as server:
        http = Http(replace(CONFIG, ca_file=str(certificate.file)), clock=RealClock())
        result = http.send(post(server)._replace(url=f"https://localhost:{server.port}/"))

    assert isinstance(result, Response)
    assert len(server.seen) == 1


@pytest.mark.parametrize(("host", "is_trusted"), [("localhost", False), ("other.example", True)])
def test_a_certificate_that_proves_nothing_lets_nothing_out(tmp_path: Path, host: str, *, is_trusted: bool) -> None:
    certificate = certificate_for(host, tmp_path)
    with serving(answering(201), tls=certificate.server_context()) as server:
        http = Http(replace(CONFIG, ca_file=str(certificate.file) if is_trusted else None), clock=RealClock())
        result = http.send(post(server)._replace(url=f"https://localhost:{server.port}/"))

    assert result == NotLeft("the certificate was not trusted")
    assert not server.seen


def test_nothing_leaves_at_or_after_the_deadline() -> None:
    with connected(answering(200)) as (server, http):
        result = http.send(post(server), deadline_monotonic=time.monotonic())

        assert result == NotLeft("past its deadline", held=True)
        assert not server.connections


def test_a_deadline_that_passes_within_a_batch_holds_the_rest_back() -> None:
    def slow(peer: Peer) -> None:
        while peer.read():
            time.sleep(0.1)
            peer.answer(200)

    with connected(slow, replace(CONFIG, concurrency=1)) as (server, http):
        results = http.send_all([post(server)] * 10, deadline_monotonic=time.monotonic() + 0.25)

        left = [result for result in results if isinstance(result, Response)]
        assert 0 < len(left) < 10
        assert results[len(left) :] == (NotLeft("past its deadline", held=True),) * (10 - len(left))
        assert len(server.seen) == len(left)


def test_a_pause_in_the_middle_of_a_batch_holds_the_rest_back() -> None:
    paused = threading.Event()

    def pausing(peer: Peer) -> None:
        while request := peer.read():
            if request.body == b"20":
                paused.set()
                time.sleep(0.02)
            peer.answer(200)

    with connected(pausing, replace(CONFIG, concurrency=1)) as (server, http):
        results = http.send_all([post(server, b"%d" % n) for n in range(60)], may_send=lambda: not paused.is_set())

        assert [type(result) for result in results] == [Response] * 21 + [NotLeft] * 39
        assert len(server.seen) == 21


def test_the_permission_is_asked_for_right_before_the_request_leaves() -> None:
    """A connection may take seconds to stand; what was allowed before it is asked again."""
    answers = iter([True, False])

    def allowed() -> bool:
        time.sleep(0.01)  # longer than an answer is remembered
        return next(answers)

    with connected(answering(200)) as (server, http):
        assert http.send(post(server), may_send=allowed) == NotLeft("paused", held=True)
        assert not server.seen


def test_the_permission_is_not_asked_for_each_request() -> None:
    asked: list[float] = []

    def allowed() -> bool:
        asked.append(time.monotonic())
        return True

    with connected(answering(200)) as (server, http):
        http.send_all([post(server)] * 300, may_send=allowed)

    assert len(server.seen) == 300
    assert all(later - earlier >= 0.0049 for earlier, later in pairwise(asked))


def test_who_cannot_be_asked_has_not_said_yes() -> None:
    def broken() -> bool:
        raise Transient("database is locked")

    with connected(answering(200)) as (server, http):
        assert http.send(post(server), may_send=broken) == NotLeft("paused", held=True)
        assert not server.seen


def test_redirects_are_answers() -> None:
    with connected(answering(301, b"", "Location: http://127.0.0.1:1/")) as (server, http):
        result = http.send(post(server))

    assert isinstance(result, Response)
    assert result.status == 301


def test_the_environment_chooses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with connected(answering(200)) as (server, http):
        assert isinstance(http.send(post(server)), Response)


def test_cookies_are_not_kept() -> None:
    with connected(answering(200, b"", "Set-Cookie: a=b")) as (server, http):
        http.send(post(server))
        http.send(post(server))

        assert "cookie" not in server.seen[1].headers


def test_a_get_after_a_post_carries_no_body() -> None:
    with connected(answering(200), replace(CONFIG, concurrency=1)) as (server, http):
        http.send(post(server))
        http.send(Request("GET", server.url + "/a?b=c"))
        http.send(post(server, b"again"))

        assert [(seen.method, seen.body) for seen in server.seen] == [
            ("POST", b"a=1"),
            ("GET", b""),
            ("POST", b"again"),
        ]
        assert "content-type" not in server.seen[1].headers


@pytest.mark.parametrize(
    "bad",
    [
        Request("POST", "{url}", ("Authorization: Bearer a\r\nX-Injected: b",)),
        Request("POST", "{url}/\r\nX-Injected: b"),
        Request("POST", "{url}/é"),
        Request("DELETE", "{url}"),
        Request("GET", "file:///etc/passwd"),
        Request("GET", "http://[::1"),
        Request("GET", ""),
    ],
    ids=["header break", "url break", "not ASCII", "method", "file", "no url", "empty"],
)
def test_what_is_no_plain_request_never_leaves(bad: Request) -> None:
    with connected(answering(200)) as (server, http):
        result = http.send(bad._replace(url=bad.url.replace("{url}", server.url)))

        assert isinstance(result, NotLeft)
        assert not server.connections


def test_an_injected_header_is_seen_after_a_good_one_to_the_same_address() -> None:
    with connected(answering(200)) as (server, http):
        http.send(post(server))
        result = http.send(post(server)._replace(headers=("X-Token: a\nb",)))

        assert isinstance(result, NotLeft)
        assert len(server.seen) == 1


def test_another_machine_is_not_spoken_to_until_live_is_set() -> None:
    with connected(answering(200)) as (_, http):
        result = http.send(Request("POST", "https://api.provider.example/messages", (), b""))

    assert isinstance(result, NotLeft)
    assert result.held
    assert "set live = true" in result.why


def test_a_live_system_does_not_speak_to_private_addresses_whatever_their_name() -> None:
    config = replace(CONFIG, policy=AddressPolicy(live=True))
    with connected(answering(200), config) as (server, http):
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1"):
            result = http.send(Request("POST", f"http://{host}:{server.port}/", (), b""))

            assert result == NotLeft("the address is not public", held=True)
        assert not server.connections


def test_threads_may_send_at_once() -> None:
    with connected(answering(200)) as (server, http):
        counts: list[int] = []

        def send() -> None:
            results = http.send_all([post(server)] * 50)
            counts.append(sum(isinstance(result, Response) for result in results))

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert counts == [50] * 4


def test_an_interrupted_batch_leaves_nothing_behind_for_the_next() -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    with connected(answering(200)) as (server, http):
        with pytest.raises(KeyboardInterrupt):
            http.send_all([post(server)] * 3, may_send=interrupt)

        assert [type(result) for result in http.send_all([post(server)] * 3, may_send=always)] == [Response] * 3
        assert len(server.seen) == 3


@pytest.mark.parametrize("change", [{"concurrency": 0}, {"concurrency": 401}, {"total_seconds": 26.0}])
def test_limits_that_cannot_be_kept_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        HttpConfig(**change)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("99999999999999999999", RETRY_AFTER_SECONDS_MAX),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOON - timedelta(seconds=90), usegmt=True), 0.0),
        ("Fri, 08 May 2026 12:01:00 -0000", 60.0),
        ("Fri, 08 May 9999 12:01:00 GMT", RETRY_AFTER_SECONDS_MAX),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Fri, 99 May 2026 99:99:99 GMT", None),
    ],
)
def test_a_wait_is_a_number_or_a_date_or_nothing(value: str, seconds: float | None) -> None:
    head = f"HTTP/1.1 429 X\r\nRetry-After: {value}\r\n\r\n".encode("latin-1")

    assert Response(429, head, b"").retry_after_seconds(NOON) == seconds
    assert Response(429, b"", b"").retry_after_seconds(NOON) is None
