"""Every metric and event name in one place, and how they get out.

Names end in their unit. A label never holds an address, a name or an id of a fan.
"""

import contextvars
import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from pythonjsonlogger.json import JsonFormatter

REGISTRY = CollectorRegistry()

_correlation: contextvars.ContextVar[str | None] = contextvars.ContextVar("correlation_id", default=None)


class Fact(StrEnum):
    """Log events: past-tense facts."""

    BATCH_FAILED = "batch_failed"
    DEFECT_MET = "defect_met"
    MESSAGE_BURIED = "message_buried"
    MESSAGE_NOT_WRITTEN = "message_not_written"
    ROUTE_FAILED = "route_failed"
    SALES_PLANNED = "sales_planned"
    SALE_MISSED = "sale_missed"
    SALE_NOT_REACHABLE = "sale_not_reachable"
    SALE_CLOSED = "sale_closed"
    NOTIFICATIONS_GENERATED = "notifications_generated"
    NOTIFICATIONS_RELEASED = "notifications_released"
    NOTIFICATIONS_SENT = "notifications_sent"
    NOTIFICATIONS_SETTLED = "notifications_settled"
    REPORTS_APPLIED = "reports_applied"
    REPORTS_PARKED = "reports_parked"
    RECORD_QUARANTINED = "record_quarantined"
    PROVIDER_RESTED = "provider_rested"
    SENDER_STOPPED = "sender_stopped"
    EVENT_STORED = "event_stored"
    EVENT_REFRESH_FAILED = "event_refresh_failed"
    EVENT_GONE = "event_gone"
    URL_SHORTENED = "url_shortened"
    OPT_OUT_RECORDED = "opt_out_recorded"
    FAN_FORGOTTEN = "fan_forgotten"
    SMS_REQUESTS_UNANSWERED = "sms_requests_unanswered"
    MAIL_SERVER_TROUBLED = "mail_server_troubled"
    SOURCE_EVENT_REFUSED = "source_event_refused"
    SOURCE_WINDOW_TOO_WIDE = "source_window_too_wide"
    PROCESS_STARTED = "process_started"
    SERVER_DRAINING = "server_draining"
    PROCESS_ENDED = "process_ended"
    QUERY_FAILED = "query_failed"
    REQUEST_FAILED = "request_failed"
    REQUEST_HEAD_REFUSED = "request_head_refused"
    CLICK_NOT_COUNTED = "click_not_counted"
    CHANGES_DIGESTED = "changes_digested"


COUNTERS = {
    "fanfare_sends": ("Outcomes of attempts", ("channel", "outcome")),
    "fanfare_route_batches": ("Batches through a route by result", ("route", "result")),
    "fanfare_dead_letters": ("Messages buried", ("queue",)),
    "fanfare_missed_sales": ("Sales found only after they had opened", ()),
    "fanfare_event_queries": ("eventDetails answers", ("source",)),
    "fanfare_partner_calls": ("Calls of partners", ("partner", "result")),
    "fanfare_store_writes": ("Write transactions", ("result",)),
}
"""What processes count: name without Prometheus's ``_total`` -> what it says, labels."""
HISTOGRAMS = {
    "fanfare_send_batch_seconds": ("One batch from intent to outcome", ("channel",)),
    "fanfare_route_seconds": ("One batch through a route", ("route",)),
    "fanfare_event_query_seconds": ("eventDetails", ("source",)),
}
"""What processes time."""
GAUGES = {
    "fanfare_notifications": ("Notifications by state, as of the last minute", ("state",)),
    "fanfare_overdue_seconds": ("How long the oldest due notification has waited", ()),
    "fanfare_not_reachable_notifications": ("Rows that the rate cannot carry before the opening", ("sender",)),
    "fanfare_sending_paused": ("1 while sending is paused", ()),
    "fanfare_waiting_messages": ("Messages in a queue, hidden ones included", ("queue",)),
    "fanfare_kept_dead_letters": ("Dead letters that nobody has sent again", ("queue",)),
    "fanfare_unread_changes": ("Changes that a consumer of the change log has not reached", ("consumer",)),
}
"""What is read from the store when somebody asks."""


class Metrics:
    """What one process counts and times. Kept in one object so that tests can make their own."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Register every counter and histogram."""
        self.registry = registry
        self.sent = self._counter("fanfare_sends")
        self.send_seconds = self._histogram("fanfare_send_batch_seconds")
        self.route_seconds = self._histogram("fanfare_route_seconds")
        self.route_batches = self._counter("fanfare_route_batches")
        self.dead_letters = self._counter("fanfare_dead_letters")
        self.event_queries = self._counter("fanfare_event_queries")
        self.event_query_seconds = self._histogram("fanfare_event_query_seconds")
        self.missed_sales = self._counter("fanfare_missed_sales")
        self.partner_calls = self._counter("fanfare_partner_calls")
        self.store_writes = self._counter("fanfare_store_writes")

    def _counter(self, name: str) -> Counter:
        return Counter(name, *COUNTERS[name], registry=self.registry)

    def _histogram(self, name: str) -> Histogram:
        return Histogram(name, *HISTOGRAMS[name], registry=self.registry)


METRICS = Metrics()

PREFIX = "fanfare_"
KEPT_SAMPLES = frozenset({"_total", "_bucket", "_sum"})
"""What outlives a process; the rest of Prometheus's samples follows from these."""


def counted(metrics: Metrics = METRICS) -> dict[str, float]:
    """Return what the process counted so far, by path.

    A path is the family, its labels in their order, and for times a bucket or the sum of seconds:
    ``sends/sms/accepted``, ``route_seconds/<route>/le:0.5``, ``route_seconds/<route>/sum``.
    """
    return {
        _path(metric.name, sample.labels, kind): sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if (kind := sample.name.removeprefix(metric.name)) in KEPT_SAMPLES
    }


def _path(name: str, marks: Mapping[str, str], kind: str) -> str:
    parts = (value.replace("/", "_") for mark, value in marks.items() if mark != "le")
    ends = {"_bucket": (f"le:{marks.get('le', '').replace('+Inf', 'inf')}",), "_sum": ("sum",)}
    return "/".join((name.removeprefix(PREFIX), *parts, *ends.get(kind, ())))


@contextmanager
def correlated(correlation_id: str) -> Generator[None]:
    """Tie every log line inside to one correlation id."""
    token = _correlation.set(correlation_id)
    try:
        yield
    finally:
        _correlation.reset(token)


def correlation_id() -> str | None:
    """Return the id of the work that is going on."""
    return _correlation.get()


def log(logger: logging.Logger, fact: Fact, level: int = logging.INFO, **fields: object) -> None:
    """Write one fact with its fields. Ids only: never a phone number, an address or a text."""
    logger.log(level, fact.value, extra={"fields": fields})


class JsonLines(JsonFormatter):
    """One JSON object a line: when, how grave, where, which fact, its fields, and the correlation id."""

    def __init__(self) -> None:
        """Name the fields of every line."""
        super().__init__(json_ensure_ascii=False)  # pyright: ignore[reportUnknownMemberType] # half typed upstream

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Fill one line."""
        log_data.update(at=self.formatTime(record), level=record.levelname.lower(), logger=record.name)
        log_data.update(event=record.getMessage(), **message_dict)
        current = _correlation.get()
        if current is not None:
            log_data["correlation_id"] = current
        log_data.update(getattr(record, "fields", {}))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """Return the instant in UTC, ISO 8601 with milliseconds."""
        at = datetime.fromtimestamp(record.created, UTC)
        return at.strftime(datefmt) if datefmt else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Traces:
    """Spans of batches, where tracing was started; nothing otherwise."""

    def __init__(self) -> None:
        """Begin without a tracer."""
        self._tracer: Any = None

    def start(self, otlp_url: str, service_name: str) -> None:
        """Send spans to an OTLP/HTTP endpoint.

        Raises:
            RuntimeError: the extra is not installed; the message names the command.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError as error:
            raise RuntimeError("tracing needs an extra; run: pip install 'fanfare[otel]'") from error
        provider = TracerProvider(resource=Resource.create({"service.name": service_name}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_url)))
        self.use(provider)

    def use(self, provider: Any) -> None:  # noqa: ANN401 - OpenTelemetry is an extra, so its types are not at hand
        """Take spans to a provider that the caller made."""
        self._tracer = provider.get_tracer("fanfare")

    def batch(self, route: str, ended_at: datetime, seconds: float, *, failed: bool) -> None:
        """Record the span of a batch that has ended."""
        if self._tracer is None:
            return
        end_ns = int(ended_at.timestamp() * 1_000_000_000)
        span = self._tracer.start_span(route, start_time=end_ns - int(seconds * 1_000_000_000))
        span.set_attribute("fanfare.correlation_id", _correlation.get() or "")
        span.set_attribute("fanfare.failed", failed)
        span.end(end_time=end_ns)


TRACES = Traces()
