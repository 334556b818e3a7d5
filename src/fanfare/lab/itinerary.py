"""A text's way through the provider, worked out the moment it is accepted: what happens when, and what is told when."""

from dataclasses import dataclass

import msgspec

from fanfare.lab.faults import Fault
from fanfare.lab.messages import Status

EXPIRED_CODE = 30036
_OUTCOMES: dict[Fault, tuple[Status, int]] = {
    Fault.QUEUE_OVERFLOW: (Status.FAILED, 30001),
    Fault.UNREACHABLE: (Status.UNDELIVERED, 30003),
    Fault.BLOCKED: (Status.UNDELIVERED, 30004),
    Fault.UNKNOWN_HANDSET: (Status.UNDELIVERED, 30005),
    Fault.LANDLINE: (Status.UNDELIVERED, 30006),
    Fault.FILTERED: (Status.UNDELIVERED, 30007),
    Fault.UNKNOWN_ERROR: (Status.UNDELIVERED, 30008),
    Fault.CONGESTED: (Status.UNDELIVERED, 30017),
    Fault.RATE_EXCEEDED: (Status.FAILED, 30022),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The text reaches a status, so many seconds after it was accepted."""

    after_seconds: int
    status: Status
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """A report of a step leaves, so many seconds after the text was accepted; 0 is before the answer."""

    after_seconds: int
    step: Step


@dataclass(frozen=True, slots=True)
class Moment:
    """A second in which a step is reached, or told."""

    after_seconds: int
    step: Step
    is_told: bool


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided about a text when it is accepted."""

    flaw: Fault | None
    road: Fault | None
    report: Fault | None
    validity_seconds: int
    through_service: bool
    entropy: bytes


def steps(journey: Journey) -> tuple[Step, ...]:
    """Return the statuses that the text will reach, in order.

    Most take one or two seconds to the carrier and up to five more to the phone. One that is still queued when its
    validity ends fails with 30036.
    """
    sent_after = _queue_seconds(journey)
    queued = (Step(1, Status.QUEUED),) if journey.through_service else ()
    if sent_after > journey.validity_seconds:
        return (*queued, Step(journey.validity_seconds, Status.FAILED, EXPIRED_CODE))
    status, code = _outcome(journey)
    if status is Status.FAILED:
        return (*queued, Step(sent_after, status, code))
    last_after = sent_after + 1 + journey.entropy[1] % 5
    return (*queued, Step(sent_after, Status.SENT), Step(last_after, status, code))


def tellings(path: tuple[Step, ...], journey: Journey) -> tuple[Telling, ...]:
    """Return when each step is told, in order of the steps; a fault may delay, double, swap or lose them."""
    on_time = [Telling(step.after_seconds, step) for step in path]
    last = on_time[-1]
    match journey.report:
        case Fault.REPORT_LOST:
            return ()
        case Fault.REPORT_EARLY:
            return (Telling(0, path[0]), *on_time[1:])
        case Fault.REPORT_LATE:
            return (*on_time[:-1], Telling(last.after_seconds + 60 * (5 + journey.entropy[3] % 25), last.step))
        case Fault.REPORT_DOUBLED:
            return (*on_time, Telling(last.after_seconds + journey.entropy[3] % 30, last.step))
        case Fault.REPORT_REORDERED:
            return (*(Telling(last.after_seconds + 2, telling.step) for telling in on_time[:-1]), last)
        case _:
            return tuple(on_time)


def moments(journey: Journey) -> tuple[Moment, ...]:
    """Return all that happens to a text, in order of time; within a second it is reached before it is told."""
    path = steps(journey)
    reached = [Moment(step.after_seconds, step, is_told=False) for step in path]
    told = [Moment(telling.after_seconds, telling.step, is_told=True) for telling in tellings(path, journey)]
    return tuple(sorted((*reached, *told), key=lambda moment: moment.after_seconds))


def _queue_seconds(journey: Journey) -> int:
    if journey.report is Fault.DELIVERY_LATE:
        return 60 * (10 + journey.entropy[2] % 50)  # whole minutes, so that a stepped clock stops less often
    return 1 + journey.entropy[0] % 2


def _outcome(journey: Journey) -> tuple[Status, int | None]:
    fault = journey.flaw or journey.road
    return (Status.DELIVERED, None) if fault is None else _OUTCOMES[fault]
