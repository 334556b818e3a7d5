"""The SMS provider's event stream: delivery reports and inbound texts as CloudEvents, one JSON object a line.

Half of what arrives is progress (queued, sent) and changes no row, so a line's type is read before anything is built.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import msgspec

from fanfare.model.report import InboundText, Report, ReportStatus
from fanfare.partners.http import TOO_LARGE, Http, Lost, Request, Response, Result
from fanfare.partners.sms_codes import CODES_END, report_status
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent, Transient
from fanfare.ports.report_stream import StreamPage

MESSAGE_TYPE = "com.twilio.messaging.message."
INBOUND_TYPE = "com.twilio.messaging.inbound-message.received"
SPARE_SECONDS = 2.0
"""What an answer may need beyond the wait we ask for."""

_SEQ = re.compile(rb'"seq"\s*:\s*(\d{1,18})')

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Line(msgspec.Struct):
    type: str
    seq: Annotated[int, msgspec.Meta(ge=0)]
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Reported(msgspec.Struct, rename="camel", kw_only=True):
    message_sid: str
    timestamp: Instant | None = None
    error_code: int | str | None = None
    status_callback: str | None = None


class _Inbound(msgspec.Struct, rename="camel", kw_only=True):
    message_sid: str
    from_address: str = msgspec.field(name="from")
    to_address: str = msgspec.field(name="to")
    body: str = ""
    timestamp: Instant | None = None
    opt_out_type: str | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_reported = msgspec.json.Decoder(_Reported).decode
_decode_inbound = msgspec.json.Decoder(_Inbound).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsStreamConfig:
    """Where the stream is."""

    provider: str
    base_url: str
    headers: tuple[str, ...] = ()
    """Header lines that every request carries, such as its authorization."""

    def __repr__(self) -> str:
        """Name the provider only: the headers are secret."""
        return f"SmsStreamConfig({self.provider!r})"


class SmsStream:
    """The report stream of one account. Give it connections that allow long answers (``body_bytes_max``)."""

    def __init__(self, config: SmsStreamConfig, *, http: Http, clock: Clock) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._wait_max = max(0.0, min(http.config.total_seconds, http.config.stall_seconds) - SPARE_SECONDS)

    @property
    def provider(self) -> str:
        """As the port says."""
        return self._config.provider

    def read(self, after: str | None, limit: int, wait_seconds: float) -> StreamPage:
        """As the port says.

        Raises:
            Transient: out of reach, or the answer was incomplete.
            Permanent: our credentials are refused.
        """
        result = self._ask(after, limit, min(wait_seconds, self._wait_max))
        while isinstance(result, Lost) and result.why == TOO_LARGE and limit > 1:
            limit = max(1, limit // 4)  # fewer lines at a time, so that no page can block the stream
            result = self._ask(after, limit, 0)
        return read_lines(_body(result), after=after, provider=self.provider, now=self._clock.now())

    def _ask(self, after: str | None, limit: int, wait_seconds: float) -> Result:
        url = f"{self._config.base_url.rstrip('/')}/stream?after={after or 0}&wait={wait_seconds:g}&limit={limit}"
        return self._http.send(Request("GET", url, self._config.headers))


def read_lines(body: bytes, *, after: str | None, provider: str, now: datetime) -> StreamPage:
    """Return what the lines say. ``now`` stands in where a line has no time of its own."""
    page = _Page(provider, now, int(after or 0))
    for line in body.splitlines():
        if line:
            page.add(line)
    return StreamPage(reports=page.reports, texts=page.texts, malformed=page.malformed, position=str(page.position()))


class _Page:
    """Lines on their way into a page."""

    def __init__(self, provider: str, now: datetime, after: int) -> None:
        self.reports: list[Report] = []
        self.texts: list[InboundText] = []
        self.malformed: list[tuple[str, str]] = []
        self._provider = provider
        self._now = now
        self._after = after
        self._last = -1

    def add(self, line: bytes) -> None:
        """Read one line; a bad one is kept with its reason and stops nobody."""
        try:
            seq = self._read(line)
        except (ValueError, OverflowError) as error:  # no JSON; an address or an instant that is none
            self.malformed.append((line.decode("utf-8", "replace"), str(error)))
            found = _SEQ.search(line)
            seq = int(found[1]) if found else -1
        self._last = max(self._last, seq)

    def position(self) -> int:
        """Return where to read on; where no line told its number, one line further, so that none can block."""
        if self._last >= 0:
            return max(self._last, self._after)
        return self._after + 1 if self.malformed else self._after

    def _read(self, line: bytes) -> int:
        head = _decode_line(line)
        if head.type.startswith(MESSAGE_TYPE):
            status = report_status(head.type[len(MESSAGE_TYPE) :])
            if status is not ReportStatus.PROGRESS:
                self.reports.append(self._report(status, _decode_reported(head.data)))
        elif head.type == INBOUND_TYPE:
            self.texts.append(self._text(_decode_inbound(head.data)))
        return head.seq

    def _report(self, status: ReportStatus, data: _Reported) -> Report:
        return Report(
            provider=self._provider,
            provider_id=data.message_sid,
            token=_token(data.status_callback),
            status=status,
            code=_code(data.error_code),
            at=_instant(data.timestamp, self._now),
        )

    def _text(self, data: _Inbound) -> InboundText:
        return InboundText(
            provider_id=data.message_sid,
            from_address=data.from_address,
            to_address=data.to_address,
            body=data.body,
            at=_instant(data.timestamp, self._now),
            provider_replied=data.opt_out_type is not None,
        )


def _token(callback: str | None) -> str | None:
    """Return our own name of the attempt from the callback address; the usual form is found without parsing."""
    if not callback:
        return None
    _, found, token = callback.partition("?n=")
    if found and token.isascii() and token.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return token
    return parse_qs(urlsplit(callback).query).get("n", [None])[0]


def _code(value: int | str | None) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(CODES_END)) else None
    return value if value is not None and 0 <= value < CODES_END else None


def _instant(at: datetime | None, now: datetime) -> datetime:
    return at.astimezone(UTC) if at else now


def _body(result: Result) -> bytes:
    if not isinstance(result, Response):
        raise Transient(f"report stream: {result.why}")
    if result.status in {401, 403}:
        raise Permanent("report stream: our credentials are refused; check the account id and its token")
    if result.status not in {200, 204}:
        raise Transient(f"report stream: HTTP {result.status}")
    return result.body
