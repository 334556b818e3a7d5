"""Follows the provider's report stream for the floor and the peers: pages of up to 10,000 lines, one write a page."""

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import msgspec

from benchmarks.provider import LINES_MAX
from benchmarks.store import Store

POLL_SECONDS = 0.05
STALLED_SECONDS = 60
"""A side in which nothing was DELIVERED for so long has lost something."""
_DELIVERED = "com.twilio.messaging.message.delivered"


class _Data(msgspec.Struct, rename="camel"):
    status_callback: str


class _Line(msgspec.Struct):
    type: str
    seq: int
    data: _Data


_decode = msgspec.json.Decoder(_Line).decode


class ReportStream:
    """Reads on from where it stood; keeps reports that overtook the writing of what they report."""

    def __init__(self, provider_url: str, store: Store) -> None:
        self._connection = HTTPConnection(urlsplit(provider_url).netloc)
        self._store = store
        self._after = 0
        self._early: set[int] = set()
        self._applied = 0

    def follow(self, wanted: int) -> int:
        """Apply reports until that many rows are DELIVERED, or none was for a while; return how many are."""
        moved_at = time.monotonic()
        while self._applied < wanted and time.monotonic() < moved_at + STALLED_SECONDS:
            if self._apply_page():
                moved_at = time.monotonic()
            else:
                time.sleep(POLL_SECONDS)
        return self._applied

    def _apply_page(self) -> int:
        """Apply what is new and what was early; return how many rows moved."""
        wanted = self._early.union(self._read())
        self._early = self._store.deliver(wanted)
        moved = len(wanted) - len(self._early)
        self._applied += moved
        return moved

    def _read(self) -> list[int]:
        self._connection.request("GET", f"/stream?after={self._after}&limit={LINES_MAX}")
        lines = [_decode(line) for line in self._connection.getresponse().read().splitlines()]
        if lines:
            self._after = lines[-1].seq
        return [_row_id(line.data.status_callback) for line in lines if line.type == _DELIVERED]


def callback(row_id: int) -> str:
    """Return the callback address that names a row when it comes back."""
    return f"http://127.0.0.1/s?n={row_id}"


def _row_id(address: str) -> int:
    return int(address.rpartition("=")[2])
