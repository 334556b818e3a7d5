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

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
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
    PROCESS_ENDED = "process_ended"
    CHANGES_DIGESTED = "changes_digested"


class Metrics:
    """The metrics of one process. Kept in one object so that tests can make their own."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Register every metric."""
        self.registry = registry
        self.sent = Counter("fanfare_sends", "Outcomes of attempts", ("channel", "outcome"), registry=registry)
        self.send_seconds = Histogram(
            "fanfare_send_batch_seconds", "One batch from intent to outcome", ("channel",), registry=registry
        )
        self.route_seconds = Histogram(
            "fanfare_route_seconds", "One batch through a route", ("route",), registry=registry
        )
        self.route_batches = Counter(
            "fanfare_route_batches", "Batches through a route by result", ("route", "result"), registry=registry
        )
        self.dead_letters = Counter("fanfare_dead_letters", "Messages buried", ("queue",), registry=registry)
        self.not_reachable = Gauge(
            "fanfare_not_reachable_notifications",
            "Rows that the rate cannot carry before the opening",
            ("sender",),
            registry=registry,
        )
        self.event_queries = Counter("fanfare_event_queries", "eventDetails answers", ("source",), registry=registry)
        self.event_query_seconds = Histogram(
            "fanfare_event_query_seconds", "eventDetails", ("source",), registry=registry
        )
        self.missed_sales = Counter("fanfare_missed_sales", "Sales found only after they had opened", registry=registry)
        self.partner_calls = Counter(
            "fanfare_partner_calls", "Calls of partners", ("partner", "result"), registry=registry
        )
        self.store_writes = Counter("fanfare_store_writes", "Write transactions", ("result",), registry=registry)


METRICS = Metrics()

KEPT = {
    "fanfare_sends_total": ("sends", ("channel", "outcome")),
    "fanfare_route_batches_total": ("route_batches", ("route", "result")),
    "fanfare_route_seconds_bucket": ("route_seconds", ("route",)),
    "fanfare_event_queries_total": ("event_queries", ("source",)),
    "fanfare_event_query_seconds_bucket": ("event_query_seconds", ("source",)),
    "fanfare_partner_calls_total": ("partner_calls", ("partner", "result")),
    "fanfare_store_writes_total": ("store_writes", ("result",)),
}
"""What outlives a process, because the service targets are measured from it: sample -> family, parts of its path."""


def counted(metrics: Metrics = METRICS) -> dict[str, float]:
    """Return what the process counted so far, by path: ``sends/sms/accepted``, ``route_seconds/<route>/le:0.5``."""
    samples = (sample for metric in metrics.registry.collect() for sample in metric.samples)
    return {_path(sample.name, sample.labels): sample.value for sample in samples if sample.name in KEPT}


def _path(name: str, marks: Mapping[str, str]) -> str:
    family, parts = KEPT[name]
    bound = (f"le:{marks['le'].replace('+Inf', 'inf')}",) if "le" in marks else ()
    return "/".join((family, *(marks[part].replace("/", "_") for part in parts), *bound))


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
