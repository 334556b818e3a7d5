"""The lab's own memory of what it accepted, reported and texted; it alone judges once-only sending.

An append-only file, one JSON object a line. No answer leaves before what it stands for is on disk: whoever
answers asks `after_durable`, and one fdatasync serves all that wait for it. Addresses are kept as hashes only.
"""

import asyncio
import os
from array import array
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

import msgspec


class Kind(StrEnum):
    """What an entry tells of."""

    STARTED = "started"
    ACCEPTED = "accepted"
    REPORT = "report"
    INBOUND = "inbound"


class Service(StrEnum):
    """Who accepted."""

    SMS = "sms"
    MAIL = "mail"


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """A line of the ledger; docs/lab.md explains each field. `at` is on the lab's clock."""

    kind: Kind
    at: str
    seq: int
    service: Service = Service.SMS
    sid: str = ""
    to_hash: str = ""
    body_sha256: str = ""
    nth: int = 0
    reply: bool = False
    status: str = ""
    code: int = 0
    stream_seq: int = 0
    opt_out: str = ""


def address_hash(address: str) -> str:
    """Return the 16 hexadecimal digits that stand for an address."""
    return sha256(address.encode()).hexdigest()[:16]


class Ledger:
    """The file, and the group commit. `follow` is shown every entry. Needs a running event loop to append."""

    def __init__(self, path: Path, follow: Callable[[Entry], None]) -> None:
        self._path = path
        self._follow = follow
        self._encoder = msgspec.json.Encoder()
        self._offsets = array("Q")  # where each entry begins: 8 bytes an entry, however long the night
        self._size = 0
        self._pending: list[bytes] = []
        self._waiting: list[Callable[[], None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def reload(self, remember: Callable[[Entry], None]) -> None:
        """Follow and remember what an earlier run left, and cut off a last line that it did not finish."""
        decoder = msgspec.json.Decoder(Entry)
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._count(line)
                entry = decoder.decode(line)
                self._follow(entry)
                remember(entry)
        os.ftruncate(self._file, self._size)

    def next_seq(self) -> int:
        """Return the number that the next entry has to carry."""
        return len(self._offsets) + 1

    def append(self, entry: Entry) -> None:
        """Add an entry, numbered `next_seq()`. It is on disk once `after_durable` calls back."""
        line = self._encoder.encode(entry) + b"\n"
        self._count(line)
        self._pending.append(line)
        self._follow(entry)
        if len(self._pending) == 1:
            # From call_soon, so that all requests of one turn of the event loop share a commit.
            asyncio.get_running_loop().call_soon(self._commit)

    def after_durable(self, then: Callable[[], None]) -> None:
        """Call back once everything appended so far is on disk: at once when it already is."""
        if self._pending:
            self._waiting.append(then)
        else:
            then()

    def read(self, after: int, limit: int) -> bytes:
        """Return up to `limit` lines behind entry number `after`, as far as they are on disk."""
        last = min(after + limit, len(self._offsets))
        if after >= last:
            return b""
        start = self._offsets[after]
        end = self._offsets[last] if last < len(self._offsets) else self._size
        return os.pread(self._file, end - start, start)

    def close(self) -> None:
        """Write what is left and close the file."""
        if self._pending:
            self._commit()
        os.close(self._file)

    def _count(self, line: bytes) -> None:
        self._offsets.append(self._size)
        self._size += len(line)

    def _commit(self) -> None:
        """Write and sync, on the loop itself: the disk is what everybody waits for anyway."""
        if not self._pending:
            return
        view = memoryview(b"".join(self._pending))
        while view:
            view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)
        self._pending = []
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()
