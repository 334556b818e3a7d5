"""Signed calls to whoever asked for them, as the provider makes them; to loopback addresses only."""

import asyncio
import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from fanfare.lab.signature import sign

CONNECTIONS_MAX = 16
ATTEMPTS_MAX = 3
ANSWER_SECONDS_MAX = 15.0  # the provider hangs up then
_PAUSE_SECONDS = 0.3

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class _Call:
    url: str
    form: Mapping[str, str]
    token: str


class Webhooks:
    """A queue and a few keep-alive connections; calls of one text may overtake each other, as in real life."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._calls: asyncio.Queue[_Call] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []

    def post(self, url: str, form: Mapping[str, str], *, idempotency_token: str) -> None:
        """Call a URL soon, if it is a loopback one; tried again when nobody answers, or with a 5xx."""
        if not is_loopback(url):
            return
        if len(self._workers) < CONNECTIONS_MAX:
            self._workers.append(asyncio.get_running_loop().create_task(self._work()))
        self._calls.put_nowait(_Call(url, form, idempotency_token))

    async def stop(self) -> None:
        """Drop what is left to call."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self) -> None:
        connections: dict[str, _Streams] = {}
        try:
            while True:
                await self._persist(await self._calls.get(), connections)
        finally:
            for _, writer in connections.values():
                writer.close()

    async def _persist(self, call: _Call, connections: dict[str, _Streams]) -> None:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            with suppress(OSError, EOFError, TimeoutError, ValueError):
                if await asyncio.wait_for(self._call(call, connections), ANSWER_SECONDS_MAX) < 500:
                    return
            await asyncio.sleep(_PAUSE_SECONDS * attempt)

    async def _call(self, call: _Call, connections: dict[str, _Streams]) -> int:
        parts = urlsplit(call.url)
        # Taken out, and put back only when the answer was read whole: a broken connection is never used again.
        reader, writer = connections.pop(parts.netloc, None) or await asyncio.open_connection(
            parts.hostname, parts.port or 80
        )
        writer.write(self._request(call))
        status, whole = await _answer(reader)
        if whole:
            connections[parts.netloc] = (reader, writer)
        else:
            writer.close()
        return status

    def _request(self, call: _Call) -> bytes:
        parts = urlsplit(call.url)
        body = urlencode(call.form).encode()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = (
            f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Twilio-Signature: {sign(self._auth_token, call.url, call.form)}\r\n"
            f"I-Twilio-Idempotency-Token: {call.token}\r\n\r\n"
        )
        return head.encode() + body


def is_loopback(url: str) -> bool:
    """True for an http URL of this very machine; the lab calls nobody else."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Return the status, and whether the connection can be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if status == 204:
        return status, True
    if "content-length" not in headers or headers.get("connection") == "close":
        return status, False
    await reader.readexactly(int(headers["content-length"]))
    return status, True
