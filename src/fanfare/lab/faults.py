"""What may go wrong on stage, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOLD_SECONDS = 40.0  # a timeout costs the client this much at most


class Fault(StrEnum):
    """Everything that can go wrong. docs/lab.md says what each looks like from outside."""

    # The call, and nothing was accepted.
    TIMEOUT_BEFORE = "timeout_before"
    RESET_BEFORE = "reset_before"
    CLOSE_AFTER_READ = "close_after_read"
    ERROR_500 = "error_500"
    ERROR_503 = "error_503"
    TOO_MANY = "too_many"
    # The call, and it was accepted all the same.
    TIMEOUT_AFTER = "timeout_after"
    RESET_AFTER = "reset_after"
    ACCEPT_THEN_CLOSE = "accept_then_close"
    ERROR_500_AFTER = "error_500_after"
    MALFORMED_2XX = "malformed_2xx"
    SLOW_ANSWER = "slow_answer"
    # The number: a wrong one stays wrong.
    BAD_NUMBER = "bad_number"
    NOT_MOBILE = "not_mobile"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    UNKNOWN_HANDSET = "unknown_handset"
    LANDLINE = "landline"
    # One attempt's way to the phone.
    UNREACHABLE = "unreachable"
    FILTERED = "filtered"
    UNKNOWN_ERROR = "unknown_error"
    CONGESTED = "congested"
    RATE_EXCEEDED = "rate_exceeded"
    QUEUE_OVERFLOW = "queue_overflow"
    # When and how often its reports come.
    REPORT_EARLY = "report_early"
    REPORT_LATE = "report_late"
    REPORT_DOUBLED = "report_doubled"
    REPORT_LOST = "report_lost"
    REPORT_REORDERED = "report_reordered"
    DELIVERY_LATE = "delivery_late"
    # What the fan texts back.
    STOP = "stop"
    HELP = "help"
    # Mail.
    MAIL_BOUNCE = "mail_bounce"
    MAIL_REJECT = "mail_reject"
    MAIL_DEFER = "mail_defer"
    MAIL_DROP = "mail_drop"
    # The other partners.
    DISCOVERY_500 = "discovery_500"
    DISCOVERY_429 = "discovery_429"
    DISCOVERY_QUOTA = "discovery_quota"
    LINKS_429 = "links_429"
    LINKS_MONTHLY = "links_monthly"
    LINKS_500 = "links_500"
    ACCOUNTS_500 = "accounts_500"
    ACCOUNTS_401 = "accounts_401"


# Kinds that exclude one another are drawn together, by one throw of the dice.
CALLS = (
    *(Fault.TIMEOUT_BEFORE, Fault.RESET_BEFORE, Fault.CLOSE_AFTER_READ, Fault.ERROR_500, Fault.ERROR_503),
    *(Fault.TOO_MANY, Fault.TIMEOUT_AFTER, Fault.RESET_AFTER, Fault.ACCEPT_THEN_CLOSE, Fault.ERROR_500_AFTER),
    *(Fault.MALFORMED_2XX, Fault.SLOW_ANSWER),
)
NUMBERS = (
    *(Fault.BAD_NUMBER, Fault.NOT_MOBILE, Fault.OPTED_OUT),
    *(Fault.BLOCKED, Fault.UNKNOWN_HANDSET, Fault.LANDLINE),
)
ROADS = (
    *(Fault.UNREACHABLE, Fault.FILTERED, Fault.UNKNOWN_ERROR),
    *(Fault.CONGESTED, Fault.RATE_EXCEEDED, Fault.QUEUE_OVERFLOW),
)
REPORTS = (
    *(Fault.REPORT_EARLY, Fault.REPORT_LATE, Fault.REPORT_DOUBLED),
    *(Fault.REPORT_LOST, Fault.REPORT_REORDERED, Fault.DELIVERY_LATE),
)
TEXTS = (Fault.STOP, Fault.HELP)
MAIL_ADDRESSES = (Fault.MAIL_REJECT, Fault.MAIL_BOUNCE)
MAIL_RECIPIENTS = (Fault.MAIL_DEFER,)
MAIL_DATA = (Fault.MAIL_DROP,)
DISCOVERY = (Fault.DISCOVERY_500, Fault.DISCOVERY_429, Fault.DISCOVERY_QUOTA)
LINKS = (Fault.LINKS_429, Fault.LINKS_MONTHLY, Fault.LINKS_500)
ACCOUNTS = (Fault.ACCOUNTS_500, Fault.ACCOUNTS_401)
PARTNERS: tuple[tuple[Fault, ...], ...] = (MAIL_ADDRESSES, MAIL_RECIPIENTS, MAIL_DATA, DISCOVERY, LINKS, ACCOUNTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A window in which the SMS provider answers 503 to everything; seconds of the lab's clock from its start."""

    from_seconds: float
    length_seconds: float

    def covers(self, elapsed_seconds: float) -> bool:
        """True from the first second up to, not including, the end."""
        return self.from_seconds <= elapsed_seconds < self.from_seconds + self.length_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The rates (0 to 1) by kind, and the outages."""

    rates: Mapping[Fault, float] = field(default_factory=dict[Fault, float])
    outages: tuple[Outage, ...] = ()


# Timeouts are rare in both: each costs the client real seconds (per 50,000 texts: 2 in evening, 6 in rough).
_EVENING: Mapping[Fault, float] = {
    Fault.TIMEOUT_BEFORE: 0.00002,
    Fault.TIMEOUT_AFTER: 0.00002,
    Fault.RESET_AFTER: 0.0001,
    Fault.ERROR_500: 0.0005,
    Fault.ERROR_503: 0.002,
    Fault.TOO_MANY: 0.003,
    Fault.BAD_NUMBER: 0.002,
    Fault.OPTED_OUT: 0.0005,
    Fault.UNKNOWN_HANDSET: 0.002,
    Fault.LANDLINE: 0.001,
    Fault.UNREACHABLE: 0.004,
    Fault.FILTERED: 0.0005,
    Fault.CONGESTED: 0.001,
    Fault.REPORT_LATE: 0.0025,
    Fault.REPORT_DOUBLED: 0.0025,
    Fault.REPORT_REORDERED: 0.001,
    Fault.REPORT_LOST: 0.0005,
    Fault.STOP: 0.0005,
    Fault.HELP: 0.0002,
    Fault.MAIL_BOUNCE: 0.005,
    Fault.MAIL_REJECT: 0.003,
    Fault.MAIL_DEFER: 0.005,
    Fault.DISCOVERY_500: 0.02,
    Fault.DISCOVERY_429: 0.02,
    Fault.LINKS_429: 0.02,
    Fault.LINKS_500: 0.01,
    Fault.ACCOUNTS_500: 0.01,
}
_ROUGH: Mapping[Fault, float] = {
    **{kind: rate * 5 for kind, rate in _EVENING.items()},
    Fault.TIMEOUT_BEFORE: 0.00006,
    Fault.TIMEOUT_AFTER: 0.00006,
    Fault.RESET_BEFORE: 0.002,
    Fault.RESET_AFTER: 0.001,
    Fault.CLOSE_AFTER_READ: 0.002,
    Fault.ACCEPT_THEN_CLOSE: 0.001,
    Fault.ERROR_500_AFTER: 0.001,
    Fault.MALFORMED_2XX: 0.001,
    Fault.SLOW_ANSWER: 0.0001,
    Fault.NOT_MOBILE: 0.002,
    Fault.BLOCKED: 0.002,
    Fault.UNKNOWN_ERROR: 0.002,
    Fault.RATE_EXCEEDED: 0.003,
    Fault.QUEUE_OVERFLOW: 0.003,
    Fault.REPORT_EARLY: 0.005,
    Fault.DELIVERY_LATE: 0.002,
    Fault.MAIL_DROP: 0.002,
    Fault.ACCOUNTS_401: 0.02,
}
PRESETS: Mapping[str, Faults] = {
    "none": Faults(),
    # The night's middle sale opens an hour in, so its texts leave half an hour in.
    "evening": Faults(rates=_EVENING, outages=(Outage(from_seconds=1800, length_seconds=60),)),
    "rough": Faults(
        rates=_ROUGH,
        outages=(
            Outage(from_seconds=1800, length_seconds=300),
            Outage(from_seconds=4500, length_seconds=120),
        ),
    ),
}


def parse(spec: str) -> Faults:
    """Return the faults of `evening`, of `too_many=0.1,outage=600+60`, or of `rough,stop=0`.

    Raises:
        ValueError: an unknown kind or preset, a rate outside 0..1, or kinds drawn together that add up to more than 1.
    """
    rates: dict[Fault, float] = {}
    outages: list[Outage] = []
    for word in filter(None, (word.strip() for word in spec.split(","))):
        name, given, value = word.partition("=")
        if not given:
            rates.update(_preset(name).rates)
            outages.extend(_preset(name).outages)
        elif name == "outage":
            outages.append(_outage(value))
        else:
            rates[Fault(name)] = _rate(value)
    _check_totals(rates)
    return Faults(rates={kind: rate for kind, rate in rates.items() if rate > 0}, outages=tuple(outages))


def _preset(name: str) -> Faults:
    if name not in PRESETS:
        raise ValueError(f"no preset {name!r}: there are {', '.join(PRESETS)}, or kind=rate")
    return PRESETS[name]


def _outage(text: str) -> Outage:
    start, _, length = text.partition("+")
    return Outage(from_seconds=float(start), length_seconds=float(length))


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate lies between 0 and 1, not {text}")
    return rate


def _check_totals(rates: Mapping[Fault, float]) -> None:
    for group in (CALLS, NUMBERS, ROADS, REPORTS, TEXTS, *PARTNERS):
        total = sum(rates.get(kind, 0.0) for kind in group)
        if total > 1 + 1e-9:
            raise ValueError(f"{group[0]} and the kinds drawn with it add up to {total:.3f}, more than 1")
