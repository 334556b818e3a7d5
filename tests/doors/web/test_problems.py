"""How a fault is told: its kind and what to do, never its reason."""

from http import HTTPStatus

import pytest

from fanfare.doors.web import problems
from fanfare.doors.web.worlds import BusyError
from fanfare.ports.faults import Conflict, Permanent, Transient

REASON = "store.db at /srv is held by process 7"


@pytest.mark.parametrize(
    ("fault", "status", "wait"),
    [
        (Transient(REASON), HTTPStatus.SERVICE_UNAVAILABLE, "5"),
        (Transient(REASON, retry_after_seconds=30), HTTPStatus.SERVICE_UNAVAILABLE, "30"),
        (Transient(REASON, retry_after_seconds=0.2), HTTPStatus.SERVICE_UNAVAILABLE, "1"),
        (Conflict(REASON), HTTPStatus.CONFLICT, None),
        (Permanent(REASON), HTTPStatus.BAD_GATEWAY, None),
        (BusyError(REASON), HTTPStatus.SERVICE_UNAVAILABLE, "1"),
        (ZeroDivisionError(REASON), HTTPStatus.INTERNAL_SERVER_ERROR, None),
    ],
)
def test_a_fault_is_told_by_its_kind(fault: Exception, status: HTTPStatus, wait: str | None) -> None:
    problem = problems.of_fault(fault)

    assert (problem.status, (problem.headers or {}).get("Retry-After")) == (status, wait)
    assert REASON not in problem.detail
