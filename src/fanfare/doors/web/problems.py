"""Every refusal of the web door is a problem document (RFC 9457). None repeats what the caller sent."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from fanfare import telemetry
from fanfare.doors.web.visits import Visit
from fanfare.doors.web.worlds import BusyError
from fanfare.ports.faults import Conflict, Permanent, Transient
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
"""Told where the fault names no wait of its own."""


class FieldProblem(BaseModel):
    """One field that is wrong."""

    field: str
    reason: str
    fix: str | None = None


class Problem(BaseModel):
    """A problem document."""

    type: str = Field(default="about:blank", description="URI of the kind of problem")
    title: str
    status: int
    detail: str
    instance: str = Field(description="Names this very request in our logs")
    errors: list[FieldProblem] = []


class ProblemError(Exception):
    """Raised by a route to answer with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        """Say what is wrong and, in the same sentence, what to do about it."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers


def not_found(what: str) -> ProblemError:
    """Return the refusal for something that is not there."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def answer(visit: Visit, problem: ProblemError) -> Response:
    """Return a problem as a response."""
    document = Problem(
        title=problem.status.phrase,
        status=problem.status,
        detail=problem.detail,
        instance=f"urn:fanfare:request:{visit.request_id}",
        errors=list(problem.errors),
    )
    return JSONResponse(
        document.model_dump(exclude_defaults=False), problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def of_fault(fault: Exception) -> ProblemError:
    """Return how a fault below the door is told; the reason itself stays in our logs."""
    match fault:
        case Transient(retry_after_seconds=wait):
            headers = {"Retry-After": str(round(wait or RETRY_SECONDS) or 1)}
            return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "It cannot be done now; try again.", headers=headers)
        case Conflict():
            return ProblemError(HTTPStatus.CONFLICT, "Somebody else changed it at the same time; try again.")
        case Permanent():
            return ProblemError(HTTPStatus.BAD_GATEWAY, "It cannot be done; the operator's logs say why.")
        case BusyError():
            return ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests wait; try again.", headers={"Retry-After": "1"}
            )
        case _:
            return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed on our side.")


def register(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(ProblemError, _of_problem)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    for fault in (Transient, Permanent, Conflict, BusyError):
        app.add_exception_handler(fault, _of_fault)
    app.add_exception_handler(Exception, _of_fault)


async def _of_problem(request: Request, error: Exception) -> Response:
    return answer(Visit.of(request.scope), cast("ProblemError", error))


async def _of_http(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    status = HTTPStatus(raised.status_code)
    headers = dict(raised.headers) if raised.headers else None
    return answer(
        Visit.of(request.scope), ProblemError(status, f"{status.description or status.phrase}.", headers=headers)
    )


async def _of_validation(request: Request, error: Exception) -> Response:
    wrong = cast("Sequence[dict[str, Any]]", cast("RequestValidationError", error).errors())
    errors = [FieldProblem(field=_place(each["loc"]), reason=str(each["msg"])) for each in wrong]
    is_unreadable = any(each["type"] == "json_invalid" for each in wrong)
    status = HTTPStatus.BAD_REQUEST if is_unreadable else HTTPStatus.UNPROCESSABLE_ENTITY
    return answer(Visit.of(request.scope), ProblemError(status, "The request has wrong fields.", errors=errors))


async def _of_fault(request: Request, error: Exception) -> Response:
    if isinstance(error, Permanent):
        telemetry.log(logger, Fact.REQUEST_FAILED, logging.ERROR, reason=str(error))
    return answer(Visit.of(request.scope), of_fault(error))


def _place(location: Sequence[str | int]) -> str:
    """Return ``query.limit``; a name that the caller made up is not repeated."""
    return ".".join(str(part) for part in location[:3])
