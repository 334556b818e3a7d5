"""The provider's event stream: CloudEvents, one a line, read from a position and waited for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fanfare.lab import forms
from fanfare.lab.http import Exchange, render

WAIT_SECONDS_MAX = 60
LINES_MAX = 10_000
LINES_DEFAULT = 1_000


class Line(Protocol):
    """Something that happened, encoded only when somebody reads it."""

    def encode(self, seq: int) -> bytes:
        """Return it as JSON and a newline, with its position in the stream."""
        ...


@dataclass(frozen=True, slots=True)
class _Reader:
    exchange: Exchange
    after: int
    limit: int


class Stream:
    """What happened, in the order in which the lab tells it; positions go on where an earlier run ended."""

    def __init__(self, *, told_before: int, after_durable: Callable[[Callable[[], None]], None]) -> None:
        self._base = told_before
        self._lines: list[Line] = []
        self._after_durable = after_durable
        self._readers: dict[_Reader, asyncio.TimerHandle] = {}
        self._waking = False

    def append(self, line: Line) -> int:
        """Add a line and return its position. Readers see it once the ledger is on disk."""
        self._lines.append(line)
        if self._readers and not self._waking:
            self._waking = True
            asyncio.get_running_loop().call_soon(self._wake)
        return self._base + len(self._lines)

    def serve(self, exchange: Exchange) -> None:
        """Answer `GET /stream?after=N&wait=SECONDS&limit=N`; an empty answer means that nothing came."""
        asked = forms.parse(exchange.query)
        limit = max(1, min(forms.whole_number(asked, "limit", LINES_DEFAULT), LINES_MAX))
        reader = _Reader(exchange, forms.whole_number(asked, "after", 0), limit)
        wait_seconds = min(float(asked.get("wait", "0")), WAIT_SECONDS_MAX)
        if wait_seconds <= 0 or self._has_more(reader):
            self._tell(reader)
            return
        self._readers[reader] = asyncio.get_running_loop().call_later(wait_seconds, self._give_up, reader)

    def _has_more(self, reader: _Reader) -> bool:
        return self._base + len(self._lines) > reader.after

    def _wake(self) -> None:
        self._waking = False
        for reader in [reader for reader in self._readers if self._has_more(reader)]:
            self._readers.pop(reader).cancel()
            self._tell(reader)

    def _give_up(self, reader: _Reader) -> None:
        del self._readers[reader]
        self._tell(reader)

    def _tell(self, reader: _Reader) -> None:
        first = max(reader.after - self._base, 0)
        lines = self._lines[first : first + reader.limit]
        body = b"".join(line.encode(self._base + first + nth) for nth, line in enumerate(lines, 1))
        answer = render(200, body, content_type="application/x-ndjson")
        self._after_durable(lambda: reader.exchange.send(answer))
