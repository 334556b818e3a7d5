"""A server on a loopback port that does, connection by connection, exactly what a test tells it, lies included."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """One connection, seen from the server."""

    def __init__(self, connection: socket.socket, seen: list[Seen]) -> None:
        self._socket = connection
        self._seen = seen
        self._buffer = b""

    def read(self) -> Seen | None:
        """Read one whole request; None when the client closed."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._buffer) < length:
            if not self._fill():
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        method, target, _ = first.split(" ")
        request = Seen(method, target, headers, body)
        self._seen.append(request)
        return request

    def _fill(self) -> bool:
        data = self._socket.recv(65536)
        self._buffer += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, status: int, body: bytes = b"", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Close with a TCP reset instead of a farewell."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


Script = Callable[[Peer], None]


@dataclass
class RawServer:
    port: int
    seen: list[Seen] = field(default_factory=list[Seen])
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Generator[RawServer]:
    """Run the script on each connection, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        server = RawServer(listener.getsockname()[1])
        open_sockets: list[socket.socket] = []

        def accept() -> None:
            for connection in _connections(listener):
                server.connections += 1
                open_sockets.append(connection)
                arguments = (connection, server, script, tls)
                threading.Thread(target=_converse, args=arguments, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        for each in open_sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _connections(listener: socket.socket) -> Generator[socket.socket]:
    with suppress(OSError):  # the test is over
        while True:
            yield listener.accept()[0]


def _converse(connection: socket.socket, server: RawServer, script: Script, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError):  # the client left, or the test is over
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        script(Peer(connection, server.seen))
    connection.close()


def answering(status: int, body: bytes = b"", *headers: str) -> Script:
    """Answer every request on a kept-alive connection the same way."""

    def script(peer: Peer) -> None:
        while peer.read():
            peer.answer(status, body, *headers)

    return script


def resetting(peer: Peer) -> None:
    """Read a request, then break the connection."""
    peer.read()
    peer.reset()
