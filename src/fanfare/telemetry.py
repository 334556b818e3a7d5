"""Every metric and event name in one place, and how they get out.

Names end in their unit. A label never holds an address, a name or an id of a fan.
"""

import contextvars
import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

_correlation: contextvars.ContextVar[str | None] = contextvars.ContextVar("correlation_id", default=None)


class Fact(StrEnum):
    """Log events: past-tense facts."""

    BATCH_FAILED = "batch_failed"
    DEFECT_MET = "defect_met"
    MESSAGE_BURIED = "message_buried"
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
    SENDER_STOPPED = "sender_stopped"
    EVENT_STORED = "event_stored"
    EVENT_REFRESH_FAILED = "event_refresh_failed"
    EVENT_GONE = "event_gone"
    URL_SHORTENED = "url_shortened"
    OPT_OUT_RECORDED = "opt_out_recorded"
    FAN_FORGOTTEN = "fan_forgotten"
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


METRICS = Metrics()


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


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON with its correlation id."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        current = _correlation.get()
        if current is not None:
            line["correlation_id"] = current
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
