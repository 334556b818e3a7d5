"""A head that never ends costs nobody but who sends it."""

import socket
import time

import pytest

from fanfare.doors.web import heads
from tests.doors.web.conftest import Stage

START = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
FLOODS = {
    "many headers": (START, b"X-Fill: " + b"a" * 1000 + b"\r\n"),
    "one header": (START + b"X-Fill: ", b"a" * 1000),
    "a request line": (b"GET /livez?", b"a" * 1000),
    "the extension of a chunk": (
        b"POST /v1/demands HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"a" * 1000,
    ),
}
MEGABYTES_MAX = 8
"""Far beyond what the sockets' own buffers take."""


def connected(stage: Stage) -> socket.socket:
    host, port = stage.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def is_cut_off(connection: socket.socket, piece: bytes) -> bool:
    """Send until nobody reads any more."""
    try:
        for _ in range(MEGABYTES_MAX * 1_000_000 // len(piece)):
            connection.sendall(piece)
    except OSError:
        return True
    return False


@pytest.mark.parametrize("name", FLOODS)
def test_a_head_without_end_filled_the_memory_and_is_cut_off(door: Stage, name: str) -> None:
    beginning, piece = FLOODS[name]
    with connected(door) as connection:
        connection.sendall(beginning)

        assert is_cut_off(connection, piece)
    assert door.call("GET", "/livez").status == 200


def test_a_head_that_is_too_large_is_told_so(door: Stage) -> None:
    with connected(door) as connection:
        connection.sendall(START + b"X-Fill: " + b"a" * heads.HEAD_BYTES_MAX)

        assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_a_large_head_within_the_bounds_is_read(door: Stage) -> None:
    assert door.call("GET", "/livez", X_Fill="a" * (heads.HEAD_BYTES_MAX - 1000)).status == 200


@pytest.mark.parametrize("beginning", [b"", START, START + b"\r\n" + START], ids=["silence", "half", "a second half"])
def test_who_is_silent_before_the_end_of_a_head_is_hung_up_on(
    stage: Stage, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "HEAD_SECONDS_MAX", 0.2)
    with connected(stage) as connection:
        connection.sendall(beginning)

        assert b"HTTP/1.1 408 " in read_whole(connection)


def read_whole(connection: socket.socket) -> bytes:
    """Read until the other side hangs up."""
    pieces: list[bytes] = []
    while piece := connection.recv(10_000):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_connection_that_was_answered_may_rest_longer_than_a_head_may_take(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "HEAD_SECONDS_MAX", 1.0)
    connection = stage.connect()
    for _ in range(2):
        connection.request("GET", "/livez")
        assert connection.getresponse().read()
        time.sleep(1.2)
    connection.close()
