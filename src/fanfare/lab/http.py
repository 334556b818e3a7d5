"""HTTP/1.1 close to the wire, so that the lab can also answer wrongly: reset, hang up, hold, drip, lie.

One `Connection` reads requests and hands each to the routes as an `Exchange`; whoever serves it ends it exactly
once, now or later. A request that arrives before the one ahead of it was ended waits its turn.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TypeVar, cast
from urllib.parse import unquote

import httptools
import msgspec

BODY_BYTES_MAX = 64 * 1024 * 1024  # a plan of a million fans is the largest thing anybody sends
WAITING_MAX = 256  # requests on one connection behind an unanswered one; no real client goes near it
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: close() then sends RST
_JSON = "application/json"

Headers = Iterable[tuple[str, str]]
T = TypeVar("T")


def render(status: int, body: bytes, *, content_type: str = _JSON, headers: Headers = ()) -> bytes:
    """Return a whole answer as it goes over the wire."""
    more = b"".join([f"{name}: {value}\r\n".encode() for name, value in headers]) if headers else b""
    return b"%bContent-Length: %d\r\n%b\r\n%b" % (_head(status, content_type), len(body), more, body)


def render_json(status: int, value: object, *, content_type: str = _JSON, headers: Headers = ()) -> bytes:
    """Return a whole answer that holds a value as JSON."""
    return render(status, msgspec.json.encode(value), content_type=content_type, headers=headers)


@lru_cache(maxsize=64)
def _head(status: int, content_type: str) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {content_type}\r\n".encode()


class Exchange:
    """One request, and the one way in which it will end."""

    __slots__ = ("_connection", "_headers", "body", "keep_alive", "method", "path", "query", "values")

    def __init__(
        self,
        connection: "Connection",
        *,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        keep_alive: bool,
    ) -> None:
        path, _, self.query = target.partition(b"?")
        self._connection = connection
        self._headers = headers
        self.method = method.decode("latin-1")
        self.path = unquote(path.decode("latin-1")) if b"%" in path else path.decode("latin-1")
        self.body = body
        self.keep_alive = keep_alive
        self.values: dict[str, str] = {}

    def header(self, name: bytes) -> bytes:
        """Return a header by its lower-case name, or nothing."""
        for key, value in self._headers:
            if len(key) == len(name) and key.lower() == name:
                return value
        return b""

    def decode(self, shape: type[T]) -> T:
        """Return the body, JSON, as a value of that shape.

        Raises:
            msgspec.DecodeError: it is not; the routes answer 400.
        """
        return msgspec.json.decode(self.body, type=shape)

    def send(self, answer: bytes) -> None:
        """End with a rendered answer."""
        self._connection.finish(answer, keep=self.keep_alive)

    def json(self, status: int, value: object, headers: Headers = ()) -> None:
        """End with a value as JSON."""
        self.send(render_json(status, value, headers=headers))

    def close(self, answer: bytes = b"") -> None:
        """End by hanging up (FIN), after whatever is given: nothing, or a part of an answer."""
        self._connection.finish(answer, keep=False)

    def reset(self) -> None:
        """End with a reset (RST): what the other side has not read yet is lost."""
        self._connection.reset()

    def hold(self, seconds: float) -> None:
        """Say nothing for that many real seconds, then hang up."""
        self._connection.hold(seconds)

    def drip(self, answer: bytes, *, pieces: int, seconds: float) -> None:
        """End with an answer that takes its time, in about that many pieces over that many real seconds."""
        size = max(1, len(answer) // pieces)
        parts = [answer[start : start + size] for start in range(0, len(answer), size)]
        self._connection.drip(parts, seconds / len(parts), keep=self.keep_alive)


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, serve: Callable[[Exchange], None], connections: "set[Connection]") -> None:
        self._serve = serve
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[Exchange] = deque()
        self._busy = False
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way back (asyncio calls this)."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        """Forget what was to be answered (asyncio calls this)."""
        self._transport = None
        self._waiting.clear()
        self._connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse; each whole request is served from within (asyncio calls this)."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            self.abort()
            raise
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.finish(render_json(400, {"error": "not HTTP/1.1"}), keep=False)

    def on_message_begin(self) -> None:
        """Begin a request (the parser calls this and the next four)."""
        self._target = b""
        self._headers = []
        self._parts = []
        self._size = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._headers.append((name, value))
        if len(name) == 6 and name.lower() == b"expect" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._parts.append(body)
        self._size += len(body)
        if self._size > BODY_BYTES_MAX:
            self.finish(render_json(413, {"error": "too large"}), keep=False)

    def on_message_complete(self) -> None:
        """Serve the request, or let it wait behind an unanswered one."""
        if self._transport is None:
            return
        exchange = Exchange(
            self,
            method=self._parser.get_method(),
            target=self._target,
            headers=self._headers,
            body=self._parts[0] if len(self._parts) == 1 else b"".join(self._parts),
            keep_alive=self._parser.should_keep_alive(),
        )
        if not self._busy:
            self._begin(exchange)
        elif len(self._waiting) < WAITING_MAX:
            self._waiting.append(exchange)
        else:
            self.abort()

    def finish(self, answer: bytes, *, keep: bool) -> None:
        """Write an answer and go on with the next request, or hang up."""
        self._busy = False
        if self._transport is None:
            return
        if answer:
            self._transport.write(answer)
        if not keep:
            self._transport.close()
            self._transport = None
        elif self._waiting:
            self._begin(self._waiting.popleft())

    def reset(self) -> None:
        """Send RST."""
        if self._transport is not None:
            sock = cast("socket.socket", self._transport.get_extra_info("socket"))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.abort()

    def abort(self) -> None:
        """Drop the connection and whatever is still to be written."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def hold(self, seconds: float) -> None:
        """Hang up after that many real seconds."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self.abort)

    def drip(self, parts: list[bytes], pause_seconds: float, *, keep: bool) -> None:
        """Write the first part now, each further one after a pause in real seconds."""
        if len(parts) <= 1 or self._transport is None:
            self.finish(b"".join(parts), keep=keep)
            return
        self._transport.write(parts[0])
        rest = parts[1:]
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(pause_seconds, lambda: self.drip(rest, pause_seconds, keep=keep))

    def _begin(self, exchange: Exchange) -> None:
        self._busy = True
        self._serve(exchange)
