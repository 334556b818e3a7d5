"""HTTP out, a batch at a time, on libcurl's multi interface, with exact knowledge of what left.

libcurl silently sends a POST again when a reused connection is closed after the request was read, and no option turns
that off (ADR 0003). So each transfer asks a guard right before its request would leave: the guard lets exactly one
request out, and none after the deadline or when ``may_send`` says no.
"""

import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from math import inf
from socket import socket
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit

import pycurl

from fanfare.partners.addresses import AddressPolicy
from fanfare.ports.channels import MaySend
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Fault
from fanfare.telemetry import METRICS

AGENT = f"fanfare/{version('fanfare')}"

CONCURRENCY_MAX = 400  # select() watches descriptors below 1,024 only, and a process has others open too
TOTAL_SECONDS_MAX = 25.0  # an attempt ends within 30 s (PERF-003), 5 of which may pass before its request leaves
HTTP_REFUSED = 400
HTTP_ABSENT = frozenset({404, 410})
RETRY_AFTER_SECONDS_MAX = 86_400.0
ASK_AGAIN_SECONDS = 0.005  # may_send can touch a file; an answer this old still acts within a second
WAIT_SECONDS = 0.05

TOO_LARGE = "the answer was too large"
WORDS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the name was not found",
    pycurl.E_COULDNT_CONNECT: "no connection",
    pycurl.E_OPERATION_TIMEDOUT: "timed out",
    pycurl.E_SSL_CONNECT_ERROR: "TLS failed",
    pycurl.E_PEER_FAILED_VERIFICATION: "the certificate was not trusted",
    pycurl.E_GOT_NOTHING: "closed without an answer",
    pycurl.E_PARTIAL_FILE: "the answer was cut short",
    pycurl.E_RECV_ERROR: "reset while receiving",
    pycurl.E_SEND_ERROR: "reset while sending",
    pycurl.E_FILESIZE_EXCEEDED: TOO_LARGE,
    pycurl.E_ABORTED_BY_CALLBACK: "closed before an answer",
}
"""libcurl's own texts can quote addresses; these cannot."""


class Request(NamedTuple):
    """One request. A tuple, because a batch makes thousands; ``headers`` are whole lines, the same for a batch."""

    method: str
    """GET or POST."""
    url: str
    headers: tuple[str, ...] = ()
    body: bytes = b""


class Response(NamedTuple):
    """A complete answer, whatever its status."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the last value of a header; None when it is absent. Values are read as Latin-1 (RFC 9110)."""
        prefix = name.lower().encode() + b":"
        values = [line for line in self.head.splitlines() if line[: len(prefix)].lower() == prefix]
        return values[-1][len(prefix) :].strip().decode("latin-1") if values else None

    def retry_after_seconds(self, now: datetime) -> float | None:
        """Return what ``Retry-After`` asks for, a number or a date, at most a day; None for anything else."""
        value = self.header("Retry-After")
        seconds = _seconds(value, now) if value else None
        return None if seconds is None else min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX)


class NotLeft(NamedTuple):
    """Certainly no byte of the request left."""

    why: str
    held: bool = False
    """True when it was not tried at all: paused, past its deadline, or not allowed; ``why`` then names the fix."""


class Lost(NamedTuple):
    """Bytes left and no complete answer came back."""

    why: str


Result = Response | NotLeft | Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """Limits of one partner's connections."""

    concurrency: int = 200
    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    """From the start of the attempt to the last byte of the answer."""
    stall_seconds: int = 15
    """How long nothing may move in either direction."""
    idle_seconds: int = 15
    """Unused connections older than this are not used again; keep it below the provider's own limit."""
    body_bytes_max: int = 1 << 20
    http2: bool = False
    policy: AddressPolicy = field(default_factory=AddressPolicy)
    ca_file: str | None = None
    """Trusted certificates; None takes the machine's."""

    def __post_init__(self) -> None:
        """Refuse limits that cannot be kept.

        Raises:
            ValueError: more connections or more time than the ceilings allow.
        """
        if not 1 <= self.concurrency <= CONCURRENCY_MAX:
            raise ValueError(f"concurrency must be between 1 and {CONCURRENCY_MAX}")
        if not 0 < self.total_seconds <= TOTAL_SECONDS_MAX:
            raise ValueError(f"total_seconds must be above 0 and at most {TOTAL_SECONDS_MAX:g}")


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def count_call(partner: str, result: Result) -> None:
    """Count a call of a partner: done where the answer was complete and to the point, else failed."""
    is_done = isinstance(result, Response) and (result.status < HTTP_REFUSED or result.status in HTTP_ABSENT)
    METRICS.partner_calls.labels(partner, "done" if is_done else "failed").inc()


def always() -> bool:
    """Let every request out: for reads, which may be repeated."""
    return True


class Http:
    """Connections to one partner. Threads may call it at once; each batch then has connections of its own."""

    def __init__(self, config: HttpConfig, *, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._lanes: deque[_Lane] = deque()

    @property
    def config(self) -> HttpConfig:
        """The limits that it keeps."""
        return self._config

    def send(self, request: Request, *, deadline_monotonic: float = inf, may_send: MaySend = always) -> Result:
        """Send one request; see ``send_all``."""
        return self.send_all((request,), deadline_monotonic=deadline_monotonic, may_send=may_send)[0]

    def send_all(
        self, requests: Sequence[Request], *, deadline_monotonic: float = inf, may_send: MaySend = always
    ) -> tuple[Result, ...]:
        """Send each request at most once and return what is known of each, in order. Never raises for the outside.

        ``deadline_monotonic`` is on the clock's series: no request leaves at or after it. ``may_send`` is asked at
        most every 5 ms, and right before requests leave.
        """
        gate = _Gate(self._clock.monotonic_seconds, deadline_monotonic, may_send)
        lane = self._lanes.pop() if self._lanes else _Lane(self._config)
        results = lane.run(requests, gate)
        self._lanes.append(lane)  # not reached when run is interrupted: its transfers still hang in that lane
        return results

    def close(self) -> None:
        """Close idle connections."""
        while self._lanes:
            self._lanes.pop().close()


class Pace:
    """So many requests a second and no burst: for partners with a quota per second. Threads may share it."""

    def __init__(self, per_second: float) -> None:
        self._gap_seconds = 1 / per_second
        self._next = -inf
        self._lock = Lock()

    def wait(self) -> None:
        """Wait for the next turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap_seconds
        time.sleep(turn - now)


class _Gate:
    """Whether requests may leave now."""

    __slots__ = ("_answer", "_ask_at", "_deadline", "_may_send", "_monotonic")

    def __init__(self, monotonic: Callable[[], float], deadline: float, may_send: MaySend) -> None:
        self._monotonic = monotonic
        self._deadline = deadline
        self._may_send = may_send
        self._ask_at = -inf
        self._answer = False

    def refusal(self) -> str | None:
        """Return why nothing may leave; None when it may."""
        now = self._monotonic()
        if now >= self._deadline:
            return "past its deadline"
        real = time.monotonic()  # a stepped clock may stand still, and a pause must act all the same
        if real >= self._ask_at:
            self._answer = self._ask()
            self._ask_at = real + ASK_AGAIN_SECONDS
        return None if self._answer else "paused"

    def _ask(self) -> bool:
        try:
            return self._may_send()
        except Fault:
            return False  # who cannot be asked has not said yes


class _Lent(socket):
    """A socket for libcurl, which takes a copy of the descriptor and drops this one without a word."""

    def __del__(self) -> None:
        self.close()


class _Transfer:
    """One libcurl handle, used again and again, with the guard of the request it carries now."""

    __slots__ = (
        *("body", "counts_bytes", "curl", "gate", "head", "headers"),
        *("index", "left", "method", "policy", "refusal", "url"),
    )

    def __init__(self, config: HttpConfig) -> None:
        self.curl = pycurl.Curl()
        self.policy = config.policy
        self.counts_bytes = not config.http2  # what REQUEST_SIZE says of streams over one connection was not measured
        self.gate: _Gate | None = None
        self.index = 0
        self.left = False
        self.refusal: str | None = None
        self.body: list[bytes] = []
        self.head: list[bytes] = []
        self.url = self.method = ""
        self.headers: tuple[str, ...] | None = None
        self._configure(config)

    def _configure(self, config: HttpConfig) -> None:
        options: tuple[tuple[int, object], ...] = (
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PATH_AS_IS, 1),
            (pycurl.PROXY, ""),  # also turns the environment's proxies off
            (pycurl.NETRC, 0),
            (pycurl.USERAGENT, AGENT),
            (pycurl.CAINFO, config.ca_file or ssl.get_default_verify_paths().cafile),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS if config.http2 else pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.CONNECTTIMEOUT_MS, round(config.connect_seconds * 1000)),
            (pycurl.TIMEOUT_MS, round(config.total_seconds * 1000)),
            (pycurl.LOW_SPEED_LIMIT, 1),
            (pycurl.LOW_SPEED_TIME, config.stall_seconds),
            (pycurl.MAXAGE_CONN, config.idle_seconds),
            (pycurl.MAXFILESIZE_LARGE, config.body_bytes_max),  # libcurl itself caps the head at 300 KiB
            (pycurl.OPENSOCKETFUNCTION, self.open_socket),
            (pycurl.PREREQFUNCTION, self.let_out),
            (pycurl.WRITEFUNCTION, self.body.append),
            (pycurl.HEADERFUNCTION, self.head.append),
        )
        for option, value in options:
            if value is not None:
                self.curl.setopt(option, value)

    def open_socket(self, _purpose: int, target: pycurl.CurlSockAddr) -> socket | int:
        """Open a socket to an allowed address; asked by libcurl for each new connection."""
        self.refusal = self.policy.refusal_of_address(str(target.addr[0]))
        return pycurl.SOCKET_BAD if self.refusal else _Lent(target.family, target.socktype, target.protocol)

    def let_out(self, *_connection: object) -> int:
        """Let one request out; asked by libcurl when a connection stands, also for its silent second try."""
        if self.left:
            return pycurl.PREREQFUNC_ABORT
        self.refusal = self.gate.refusal() if self.gate else "closed"
        if self.refusal:
            return pycurl.PREREQFUNC_ABORT
        self.left = True
        return pycurl.PREREQFUNC_OK

    def carry(self, request: Request, index: int, gate: _Gate) -> None:
        """Take over a request. What is the same as last time is not set again: that costs more than the rest."""
        self.index, self.gate, self.left, self.refusal = index, gate, False, None
        if request.url != self.url:
            self.curl.setopt(pycurl.URL, request.url)
            self.url = request.url
        if request.headers is not self.headers:
            self.curl.setopt(pycurl.HTTPHEADER, [*request.headers, "Expect:"])
            self.headers = request.headers
        if request.method != self.method:
            self.curl.setopt(pycurl.POST if request.method == "POST" else pycurl.HTTPGET, 1)
            self.method = request.method
        if request.method == "POST":
            self.curl.setopt(pycurl.POSTFIELDS, request.body)

    def answer(self) -> Response:
        """Return the complete answer."""
        response = Response(self.curl.getinfo(pycurl.RESPONSE_CODE), b"".join(self.head), b"".join(self.body))
        self._forget()
        return response

    def failure(self, code: int) -> NotLeft | Lost:
        """Return what an incomplete exchange means."""
        nothing_left = not self.left or (self.counts_bytes and self.curl.getinfo(pycurl.REQUEST_SIZE) == 0)
        refusal, why = self.refusal, WORDS.get(code, f"libcurl error {code}")
        self._forget()
        return NotLeft(refusal or why, held=refusal is not None) if nothing_left else Lost(why)

    def _forget(self) -> None:
        self.body.clear()
        self.head.clear()
        self.gate = None


class _Lane:
    """A set of handles and connections that one batch uses at a time."""

    def __init__(self, config: HttpConfig) -> None:
        self._config = config
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, config.concurrency)
        self._transfers: dict[pycurl.Curl, _Transfer] = {}
        self._idle: list[_Transfer] = []
        self._judged: Request | None = None
        self._judgement: str | None = None

    def run(self, requests: Sequence[Request], gate: _Gate) -> tuple[Result, ...]:
        results: list[Result | None] = [None] * len(requests)
        waiting = iter(enumerate(requests))
        running = self._start(waiting, gate, results)
        while running:
            self._multi.perform()
            ended = self._collect(results)
            running -= ended
            if ended:
                running += self._start(waiting, gate, results)
            elif self._multi.select(WAIT_SECONDS) < 0:
                time.sleep(0.001)  # nothing to wait on yet: a name is being resolved
        return tuple(result for result in results if result is not None)

    def _start(self, waiting: "enumerate[Request]", gate: _Gate, results: list[Result | None]) -> int:
        """Start waiting requests while handles are free; answer at once for those that may not leave."""
        started = 0
        refusals: list[str | None] = []
        while transfer := self._free():
            index, request = next(waiting, (-1, None))
            if request is None:
                self._idle.append(transfer)
                break
            if not refusals:  # once for all that start now; each is asked for again when its connection stands
                refusals.append(gate.refusal())
            why = refusals[0] or self._judge(request)
            if why is not None:
                results[index] = NotLeft(why, held=True)
                self._idle.append(transfer)
                continue
            transfer.carry(request, index, gate)
            self._multi.add_handle(transfer.curl)
            started += 1
        return started

    def _free(self) -> _Transfer | None:
        if self._idle:
            return self._idle.pop()
        if len(self._transfers) >= self._config.concurrency:
            return None
        transfer = _Transfer(self._config)
        self._transfers[transfer.curl] = transfer
        return transfer

    def _judge(self, request: Request) -> str | None:
        """Return why a request can never leave. A batch goes to one place, so mostly that is known already."""
        known = self._judged
        if known is None or request.url != known.url or request.headers is not known.headers:
            self._judgement = _refusal_of(request) or self._config.policy.refusal_of_host(_host(request.url))
            self._judged = request
        return self._judgement

    def _collect(self, results: list[Result | None]) -> int:
        ended = 0
        more = 1
        while more:
            more, succeeded, failed = self._multi.info_read()
            for curl in succeeded:
                transfer = self._release(curl)
                results[transfer.index] = transfer.answer()
            for curl, code, _ in failed:
                transfer = self._release(curl)
                results[transfer.index] = transfer.failure(code)
            ended += len(succeeded) + len(failed)
        return ended

    def _release(self, curl: pycurl.Curl) -> _Transfer:
        self._multi.remove_handle(curl)
        transfer = self._transfers[curl]
        self._idle.append(transfer)
        return transfer

    def close(self) -> None:
        for curl in self._transfers:
            curl.close()
        self._multi.close()


def _refusal_of(request: Request) -> str | None:
    if request.method not in {"GET", "POST"}:
        return "the method is neither GET nor POST"
    if not _host(request.url):
        return "the address is not a plain http or https one"
    if not all(line.isascii() and line.isprintable() for line in request.headers):
        return "a header holds a line break or a letter outside ASCII"
    return None


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_plain = parts.scheme in {"http", "https"} and url.isascii() and url.isprintable()
    return parts.hostname or "" if is_plain else ""
