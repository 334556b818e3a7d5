"""Bounds of a request's head: its size, and how long it may take.

The parser takes any number of headers of any size and waits for ever for their end, so one caller could fill the
memory, and two thousand silent ones take every connection.
"""

import asyncio
import logging
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fanfare import telemetry
from fanfare.telemetry import Fact

HEAD_BYTES_MAX = 32_768
"""Request line and headers; also what a chunk may carry besides its bytes. One read more may arrive before it shows."""
HEAD_SECONDS_MAX = 20.0
"""From the connection, or the first byte of a further request, to the end of the head."""

logger = logging.getLogger(__name__)


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's connection; it hangs up on a head that is too large or too slow."""

    _unread_bytes = 0
    """Received since the last head or piece of a body was whole."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a new connection its time to ask for something."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless what was read ends nothing and is too much."""
        self._unread_bytes += len(data)
        super().data_received(data)
        if self._unread_bytes > HEAD_BYTES_MAX:
            self._hang_up(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Give a further request on the connection its time."""
        super().on_message_begin()
        self._start_deadline()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._unread_bytes = 0
        self._end_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is whole; how large all may be is the edge's to say."""
        self._unread_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._unread_bytes = 0
        super().on_message_complete()

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS_MAX, self._hang_up, HTTPStatus.REQUEST_TIMEOUT)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self, status: HTTPStatus) -> None:
        self._end_deadline()
        if self.transport.is_closing():
            return
        telemetry.log(logger, Fact.REQUEST_HEAD_REFUSED, logging.WARNING, status=int(status))
        answer = f"HTTP/1.1 {status} {status.phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self.transport.write(answer.encode("ascii"))
        self.transport.close()
