"""(a) The floor: the same rows, the same change log, the same flushes, plain pycurl, and no product at all.

No vault, no rules, no claims, no pace, no guard against a doubled request: what any honest sender that keeps this
record has to pay.
"""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
import pycurl

from benchmarks import side
from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, SENDER_ADDRESS, TEXT, Job
from benchmarks.report_stream import ReportStream, callback
from benchmarks.store import Store, batches

INTENTS_MAX = 256  # as Fanfare: a crash leaves at most these unknown
CONNECTIONS = 200


class _Created(msgspec.Struct):
    sid: str


_decode = msgspec.json.Decoder(_Created).decode


class _Sender:
    """A set of libcurl handles, each on a connection that it keeps."""

    def __init__(self, url: str) -> None:
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, CONNECTIONS)
        self._idle = [_handle(url) for _ in range(CONNECTIONS)]
        self._calls: dict[pycurl.Curl, tuple[int, list[bytes]]] = {}
        self._common = urlencode({"From": SENDER_ADDRESS, "Body": TEXT, "ValidityPeriod": "1800"})

    def send(self, rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
        """Post a text to each (id, phone); return (id, provider's id) of each."""
        waiting = iter(rows)
        sent: list[tuple[int, str]] = []
        while len(sent) < len(rows):
            self._start(waiting)
            self._multi.perform()
            ended = self._collect()
            sent.extend(ended)
            if not ended:
                self._multi.select(0.05)
        return sent

    def _start(self, waiting: Iterator[tuple[int, str]]) -> None:
        while self._idle and (row := next(waiting, None)):
            row_id, to = row
            curl, body = self._idle.pop(), list[bytes]()
            form = f"To=%2B{to[1:]}&{self._common}&StatusCallback={callback(row_id)}"
            curl.setopt(pycurl.POSTFIELDS, form)
            curl.setopt(pycurl.WRITEFUNCTION, body.append)
            self._calls[curl] = (row_id, body)
            self._multi.add_handle(curl)

    def _collect(self) -> list[tuple[int, str]]:
        _, succeeded, failed = self._multi.info_read(CONNECTIONS)
        if failed:
            raise ConnectionError(failed[0][2])
        sent: list[tuple[int, str]] = []
        for curl in succeeded:
            self._multi.remove_handle(curl)
            row_id, body = self._calls.pop(curl)
            sent.append((row_id, _decode(b"".join(body)).sid))
            self._idle.append(curl)
        return sent


def _handle(url: str) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.USERPWD, f"{ACCOUNT_SID}:{AUTH_TOKEN}")
    curl.setopt(pycurl.HTTPHEADER, ["Expect:"])
    curl.setopt(pycurl.NOSIGNAL, 1)
    return curl


@dataclass(frozen=True, slots=True, kw_only=True)
class _Floor:
    job: Job
    store: Store
    parts: dict[str, int]

    def run(self) -> int:
        """As the protocol says."""
        ids = self.store.generate()
        self.store.trigger(ids)
        sender = _Sender(self.job.messages_url)
        for batch in batches(ids, INTENTS_MAX):
            self.store.sent(sender.send(self.store.intend(batch)))
        ReportStream(self.job.provider_url, self.store).follow(len(ids))
        return self.store.delivered()


@contextmanager
def open_side(job: Job) -> Generator[_Floor]:
    """Prepare the floor."""
    store = Store(job.folder / "store.db", create=True)
    store.fill(job.fans)
    yield _Floor(job=job, store=store, parts={"worker": os.getpid()})
    store.close()


if __name__ == "__main__":
    side.main(open_side)
