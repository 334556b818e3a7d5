"""The SMS provider that every side talks to, in a process of its own: ``python -m benchmarks.provider``.

It speaks what a side needs of the provider's protocol (create a text, read the event stream) and nothing more. The
practice stage, ``fanfare.lab``, is not used here: it checks each form, rolls dice and flushes a ledger to the disk
before it answers, which costs 45 us a text, so that it would hold up the faster sides. This one costs about a third.

Each text gives two lines in the stream, ``sent`` and ``delivered``, a second after it was accepted (as the practice
stage does; a carrier takes longer), and each line echoes the text's callback address.
"""

import argparse
import asyncio
import gc
import sys
import time
from bisect import bisect_right
from datetime import UTC, datetime
from typing import cast
from urllib.parse import unquote_to_bytes

import uvloop

from benchmarks.job import ACCOUNT_SID

HOST = "127.0.0.1"
LINES_MAX = 10_000
REPORT_AFTER_SECONDS = 1.0
STATUSES = (b"sent", b"delivered")

_END_OF_HEAD = b"\r\n\r\n"
_CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
_RESOURCE = (
    b'{"account_sid":"' + ACCOUNT_SID.encode() + b'","error_code":null,"num_segments":"1","sid":"%b","status":"queued"}'
)
_LINE = (
    b'{"specversion":"1.0","type":"com.twilio.messaging.message.%b",'
    b'"source":"/2010-04-01/Accounts/' + ACCOUNT_SID.encode() + b'/Messages/%b.json","id":"EZ%b%b","time":"%b",'
    b'"datacontenttype":"application/json",'
    b'"dataschema":"https://events-schemas.twilio.com/Messaging.MessageStatus/5",'
    b'"data":{"messageSid":"%b","accountSid":"' + ACCOUNT_SID.encode() + b'","timestamp":"%b","messageStatus":"%b",'
    b'"to":"%b","from":"+15005550006","statusCallback":"%b"},"seq":%d}\n'
)


class Provider:
    """What was accepted, and the stream that tells of it."""

    def __init__(self, report_after_seconds: float) -> None:
        self._report_after_seconds = report_after_seconds
        self._texts: list[tuple[bytes, bytes]] = []
        self._accepted: list[float] = []
        self._phones: set[bytes] = set()

    def create(self, form: bytes) -> bytes:
        """Accept a text; return the answer."""
        to = _field(form, b"To=")
        self._phones.add(to)
        self._texts.append((to, _field(form, b"StatusCallback=")))
        self._accepted.append(time.monotonic())
        resource = _RESOURCE % _sid(len(self._texts))
        return _CREATED % (len(resource), resource)

    def show(self, target: bytes) -> bytes:
        """Answer ``/stream?after=N&limit=N`` (never waits) and ``/counts``."""
        path, _, query = target.partition(b"?")
        if path == b"/stream":
            asked = dict(pair.split(b"=", 1) for pair in query.split(b"&"))
            body = self._lines(int(asked[b"after"]), min(int(asked.get(b"limit", LINES_MAX)), LINES_MAX))
            return _OK % (b"application/x-ndjson", len(body), body)
        body = b'{"accepted":%d,"addresses":%d}' % (len(self._texts), len(self._phones))
        return _OK % (b"application/json", len(body), body)

    def _lines(self, after: int, limit: int) -> bytes:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").encode()
        told = bisect_right(self._accepted, time.monotonic() - self._report_after_seconds)
        end = min(after + limit, told * len(STATUSES))
        return b"".join([self._line(seq, at) for seq in range(after + 1, end + 1)])

    def _line(self, seq: int, at: bytes) -> bytes:
        nth, step = divmod(seq - 1, len(STATUSES))
        to, callback = self._texts[nth]
        sid, status = _sid(nth + 1), STATUSES[step]
        return _LINE % (
            status, sid, sid[2:], b"%02x" % step, at, sid, at, status,
            unquote_to_bytes(to), unquote_to_bytes(callback), seq,
        )  # fmt: skip


class Connection(asyncio.Protocol):
    """One client's connection: HTTP/1.1 as the sides speak it, bodies of known length only."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._transport: asyncio.Transport | None = None
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way back (asyncio calls this)."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, no subclass of it

    def data_received(self, data: bytes) -> None:
        """Answer each complete request (asyncio calls this)."""
        self._waiting = self._waiting + data if self._waiting else data
        answers: list[bytes] = []
        while answer := self._next():
            answers.append(answer)
        if answers and self._transport:
            self._transport.write(answers[0] if len(answers) == 1 else b"".join(answers))

    def _next(self) -> bytes:
        head_end = self._waiting.find(_END_OF_HEAD)
        if head_end < 0:
            return b""
        body_start = head_end + len(_END_OF_HEAD)
        head = self._waiting[:head_end]
        end = body_start + _body_length(head)
        if len(self._waiting) < end:
            return b""
        body, self._waiting = self._waiting[body_start:end], self._waiting[end:]
        if head.startswith(b"POST"):
            return self._provider.create(body)
        return self._provider.show(head.split(b" ", 2)[1])


async def serve(port: int, report_after_seconds: float) -> None:
    """Serve until the process is ended; the port goes to stdout as one line when it is open."""
    provider = Provider(report_after_seconds)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(provider), HOST, port, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    options = argparse.ArgumentParser(prog="benchmarks.provider")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--report-after-seconds", type=float, default=REPORT_AFTER_SECONDS)
    given = options.parse_args()
    gc.disable()  # what it keeps, it keeps to its end
    uvloop.run(serve(given.port, given.report_after_seconds))


def _sid(nth: int) -> bytes:
    return b"SM%032x" % nth


def _field(form: bytes, key: bytes) -> bytes:
    """Return a field as it was encoded; ``=`` stands between key and value only."""
    _, found, rest = form.partition(key)
    return rest.partition(b"&")[0] if found else b""


def _body_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


if __name__ == "__main__":
    main()
