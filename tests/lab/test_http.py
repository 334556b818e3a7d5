import socket

from tests.lab.calls import Caller


def talk(lab: Caller, sent: bytes) -> bytes:
    """Send bytes, then end our side, and return everything that comes back."""
    host, port = lab.host.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as sock:
        sock.sendall(sent)
        received = b""
        while piece := sock.recv(65536):
            received += piece
        return received


def test_requests_on_one_connection_are_answered_in_order(lab: Caller) -> None:
    clock = b"GET /clock HTTP/1.1\r\nHost: lab\r\n\r\n"
    waits = b"GET /stream?wait=0.05 HTTP/1.1\r\nHost: lab\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"

    received = talk(lab, clock + waits + clock + last)

    kinds = [line.split(b": ")[1] for line in received.split(b"\r\n") if line.startswith(b"Content-Type")]
    assert kinds == [b"application/json", b"application/x-ndjson", b"application/json", b"application/json"]
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b"HTTP/1.1 404 Not Found") == 1


def test_a_chunked_body_is_read_whole(lab: Caller) -> None:
    head = b"PUT /clock HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b'{"now":"2026-05-', b'08T16:00:00Z"}']
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)

    assert b'"now":"2026-05-08T16:00:00.000Z"' in talk(lab, head + chunks + b"0\r\n\r\n")


def test_whoever_expects_a_continue_gets_one(lab: Caller) -> None:
    head = (
        b"PUT /clock HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
    )

    assert talk(lab, head).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")


def test_what_is_not_http_is_refused_and_hung_up_on(lab: Caller) -> None:
    assert talk(lab, b"\x16\x03\x01\x02\x00 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_body_without_end_is_refused(lab: Caller) -> None:
    head = b"PUT /plan HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (1 << 20, b" " * (1 << 20))
    host, port = lab.host.split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=5) as sock:
        sock.sendall(head)
        try:
            for _ in range(200):
                sock.sendall(chunk)
        except OSError:
            return
        answer = sock.recv(100)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_what_cannot_be_read_is_refused_with_its_kind(lab: Caller) -> None:
    assert lab.call("PUT", "/clock", b"{").json == {"error": "cannot read this: DecodeError"}
    assert lab.call("PUT", "/clock", b"{}").json == {"error": "cannot read this: ValidationError"}
    assert lab.get("/stream?after=x").json == {"error": "cannot read this: ValueError"}
