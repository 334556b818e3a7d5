"""Runs one batch through one route: faults, partial failure, retry, quarantine.

This is the only place below the doors that catches a fault. Workers take a batch and let faults rise; the runner
halves a failed batch until the items that fail stand alone, so that one item's failure never fails its neighbours.
Everything a worker does is idempotent by identity, which is what makes the repetition safe. A route whose items have
an outside effect never comes here with more than its due rows: its retries belong to the row.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fanfare import telemetry
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Conflict, Fault, Permanent, Transient
from fanfare.ports.queues import QueueMessage, Queues
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

CONFLICT_RETRIES_MAX = 3
"""How often an item is repeated at once when somebody else changed its record first."""
RETRY_SECONDS = 5.0
"""First wait of a queue message whose fault names none; doubled by each attempt."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One item that a worker could not do, with the fault that says why."""

    index: int
    fault: Fault


def run_batch(worker: Callable[[Sequence[Item]], object], batch: Sequence[Item]) -> tuple[Failure, ...]:
    """Run a batch; halve it on a fault until each failing item stands alone.

    Returns:
        The failures by the item's index; every other item's effect is recorded.
    """
    return tuple(_halve(worker, batch, 0))


def _halve(worker: Callable[[Sequence[Item]], object], batch: Sequence[Item], offset: int) -> list[Failure]:
    if not batch:
        return []
    fault = attempt(worker, batch)
    if fault is None:
        return []
    if len(batch) == 1:
        last = _settle_one(worker, batch, fault)
        return [] if last is None else [Failure(offset, last)]
    middle = len(batch) // 2
    return _halve(worker, batch[:middle], offset) + _halve(worker, batch[middle:], offset + middle)


def attempt(work: Callable[[Item], object], given: Item) -> Fault | None:
    """Do a piece of work; return the fault that it ended with.

    A defect (any other exception) becomes a Permanent fault, so that one bad record stops neither its neighbours nor
    its route. Its message may hold what the record held, so only its kind and its place are kept.
    """
    try:
        work(given)
    except Fault as fault:
        return fault
    except Exception as error:
        telemetry.log(logger, Fact.DEFECT_MET, logging.ERROR, defect=type(error).__name__, place=_place(error))
        return Permanent(f"defect: {type(error).__name__} at {_place(error)}")
    return None


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"


def _settle_one(worker: Callable[[Sequence[Item]], object], batch: Sequence[Item], fault: Fault) -> Fault | None:
    """Repeat an item at once while somebody else changes its record first; return how it ended."""
    last: Fault | None = fault
    for _ in range(CONFLICT_RETRIES_MAX):
        if not isinstance(last, Conflict):
            break
        last = attempt(worker, batch)
    return last


def run_queue(
    worker: Callable[[Sequence[QueueMessage]], object],
    *,
    queue: str,
    queues: Queues,
    clock: Clock,
    batch_max: int,
    visibility_seconds: float,
    attempts_max: int,
) -> int:
    """Take one batch from a queue, run it, and settle each message: done, again later, or buried with its reason.

    Returns:
        How many messages were received.
    """
    messages = queues.receive(queue, batch_max, visibility_seconds)
    if not messages:
        return 0
    started = clock.monotonic_seconds()
    failures = {failure.index: failure.fault for failure in run_batch(worker, messages)}
    queues.done(queue, [message.message_id for index, message in enumerate(messages) if index not in failures])
    for index, fault in failures.items():
        _give_back(queues, queue, messages[index], fault, attempts_max)
    record(queue, started, clock, failed=bool(failures))
    return len(messages)


def _give_back(queues: Queues, queue: str, message: QueueMessage, fault: Fault, attempts_max: int) -> None:
    fatal = isinstance(fault, Permanent) or message.attempts >= attempts_max
    telemetry.log(
        logger,
        Fact.MESSAGE_BURIED if fatal else Fact.BATCH_FAILED,
        logging.WARNING,
        queue=queue,
        message_id=message.message_id,
        attempts=message.attempts,
        fault=type(fault).__name__,
        reason=str(fault),
    )
    if fatal:
        telemetry.METRICS.dead_letters.labels(queue).inc()
        queues.bury(queue, message.message_id, f"{type(fault).__name__}: {fault}")
    else:
        queues.again(queue, message.message_id, _wait_seconds(fault, message.attempts))


def _wait_seconds(fault: Fault, attempts: int) -> float:
    told = fault.retry_after_seconds if isinstance(fault, Transient) else None
    return told if told is not None else RETRY_SECONDS * 2 ** (attempts - 1)


def record(route: str, started: float, clock: Clock, *, failed: bool) -> None:
    """Count one batch and the time it took, and trace it."""
    seconds = clock.monotonic_seconds() - started
    telemetry.METRICS.route_batches.labels(route, "failed" if failed else "done").inc()
    telemetry.METRICS.route_seconds.labels(route).observe(seconds)
    telemetry.TRACES.batch(route, clock.now(), seconds, failed=failed)
