"""Reports of a text's way: planned when it is accepted, told by stream and webhook, kept in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from fanfare.lab import clock, itinerary
from fanfare.lab.config import ReportRoute
from fanfare.lab.faults import Fault
from fanfare.lab.itinerary import Journey, Moment, Step
from fanfare.lab.ledger import Entry, Kind, Ledger
from fanfare.lab.messages import Message, Status
from fanfare.lab.stream import Stream
from fanfare.lab.webhooks import Webhooks

_RANKS = {status: rank for rank, status in enumerate(Status)}


class _Data(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    message_sid: str
    account_sid: str
    timestamp: str
    message_status: str
    to: str
    sender: str = msgspec.field(name="from")
    messaging_service_sid: str | None = None
    error_code: int | None = None
    status_callback: str | None = None


class _Event(msgspec.Struct, kw_only=True):
    specversion: str = "1.0"
    type: str
    source: str
    id: str
    time: str
    datacontenttype: str = "application/json"
    dataschema: str = "https://events-schemas.twilio.com/Messaging.MessageStatus/5"
    data: _Data
    seq: int


_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report in the stream. The same report told twice has the same event id."""

    message: Message
    step: Step
    account_sid: str
    echo: bool

    def encode(self, seq: int) -> bytes:
        """Return it as a CloudEvent; its time is when the status was reached, not when it is told."""
        message, step = self.message, self.step
        at = clock.iso_millis(message.created_at + step.after_seconds)
        data = _Data(
            message_sid=message.sid,
            account_sid=self.account_sid,
            timestamp=at,
            message_status=step.status,
            to=message.to,
            sender=message.sender,
            messaging_service_sid=message.service_sid,
            error_code=step.code,
            status_callback=message.status_callback if self.echo else None,
        )
        event = _Event(
            type=f"com.twilio.messaging.message.{step.status}",
            source=f"/2010-04-01/Accounts/{self.account_sid}/Messages/{message.sid}.json",
            id=f"EZ{message.sid[2:32]}{_RANKS[step.status]:02x}",
            time=at,
            data=data,
            seq=seq,
        )
        return _ENCODER.encode(event) + b"\n"

    def form(self) -> dict[str, str]:
        """Return it as the parameters of a webhook."""
        message = self.message
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": self.step.status.value,
            "SmsStatus": self.step.status.value,
            "To": message.to,
            "From": message.sender,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
        }
        if message.service_sid is not None:
            form["MessagingServiceSid"] = message.service_sid
        if self.step.code is not None:
            form["ErrorCode"] = str(self.step.code)
        return form


class _Trip:
    """One text's moments.

    It stands in the clock's agenda for the next of them only, and works them out when it is first called: a provider
    that accepts a hundred thousand texts has no time to look ahead.
    """

    __slots__ = ("_clock", "_journey", "_message", "_moments", "_tell", "_when_delivered")

    def __init__(
        self,
        stage_clock: clock.Clock,
        message: Message,
        journey: Journey,
        tell: Callable[[Message, Step], None],
        when_delivered: Callable[[], object],
    ) -> None:
        self._clock = stage_clock
        self._message = message
        self._journey = journey
        self._tell = tell
        self._when_delivered = when_delivered
        self._moments: list[Moment] | None = None

    def __call__(self) -> None:
        """Do what is due, and plan to come back for the rest."""
        if self._moments is None:
            self._moments = list(itinerary.moments(self._journey))
        elapsed_seconds = self._clock.seconds() - self._message.created_at
        while self._moments and self._moments[0].after_seconds <= elapsed_seconds:
            self._do(self._moments.pop(0))
        if self._moments:
            self._clock.at(self._message.created_at + self._moments[0].after_seconds, self)

    def _do(self, moment: Moment) -> None:
        step = moment.step
        if moment.is_told:
            self._tell(self._message, step)
            return
        self._message.reached(step.status, step.code, self._message.created_at + step.after_seconds)
        if step.status is Status.DELIVERED:
            self._when_delivered()


class Reports:
    """Plans and tells."""

    def __init__(
        self,
        *,
        stage_clock: clock.Clock,
        ledger: Ledger,
        stream: Stream,
        webhooks: Webhooks,
        route: ReportRoute,
        account_sid: str,
        echo: bool,
    ) -> None:
        self._clock = stage_clock
        self._ledger = ledger
        self._stream = stream
        self._webhooks = webhooks
        self._to_stream = route is not ReportRoute.WEBHOOK
        self._to_webhook = route is not ReportRoute.STREAM
        self._account_sid = account_sid
        self._echo = echo

    def plan(self, message: Message, journey: Journey, when_delivered: Callable[[], object]) -> None:
        """Plan all that follows from accepting a text; what comes before the answer is told at once."""
        trip = _Trip(self._clock, message, journey, self.tell, when_delivered)
        if journey.report is Fault.REPORT_EARLY:
            trip()
        else:
            self._clock.at(message.created_at + 1, trip)

    def tell(self, message: Message, step: Step) -> None:
        """Report a step."""
        line = ReportLine(message, step, self._account_sid, self._echo)
        self._ledger.append(
            Entry(
                seq=self._ledger.next_seq(),
                kind=Kind.REPORT,
                at=self._clock.stamp(),
                sid=message.sid,
                status=step.status,
                code=step.code or 0,
                stream_seq=self._stream.append(line) if self._to_stream else 0,
            )
        )
        if self._to_webhook and message.status_callback is not None:
            call = partial(
                self._webhooks.post,
                message.status_callback,
                line.form(),
                idempotency_token=f"{message.sid}-{step.status}",
            )
            self._ledger.after_durable(call)
