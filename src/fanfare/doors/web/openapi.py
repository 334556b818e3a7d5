"""The API's own description: every error is a problem document, and every route says which scope it needs."""

from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from fanfare.doors.web import problems
from fanfare.doors.web.access import Access, KeyNeeded, Open
from fanfare.doors.web.problems import Problem

Json = dict[str, Any]

REFUSALS = {
    "400": "The request cannot be read",
    "401": "No live API key",
    "403": "The key lacks the scope",
    "404": "There is no such thing",
    "409": "Somebody else was faster; try again",
    "413": "The body is too large",
    "415": "The body is of the wrong kind",
    "422": "A field is wrong",
    "429": "The quota is used up",
    "502": "A partner or the store refused",
    "503": "It cannot be done now",
}


def describe(app: FastAPI) -> None:
    """Make the app answer /openapi.json with its description."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi


def access_of(route: APIRoute) -> Access | None:
    """Return what a route declares about who may use it."""
    declared = [each.dependency for each in route.dependencies]
    return next((each for each in declared if isinstance(each, KeyNeeded | Open)), None)


def _described(app: FastAPI) -> Json:
    schema = get_openapi(
        title="Fanfare",
        version=app.version,
        openapi_version="3.1.0",
        summary="Tells fans, once only, that tickets are about to go on sale.",
        routes=app.routes,
    )
    schemas = cast("Json", schema["components"]["schemas"])
    for library_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(library_own, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    for operation in _operations(schema):
        operation["responses"] |= {
            status: _refusal(what) for status, what in REFUSALS.items() if _adds(operation, status)
        }
    return schema


def _adds(operation: Json, status: str) -> bool:
    """Whether a refusal is not described by the route itself; the library's own 422 is not."""
    return status == "422" or status not in operation["responses"]


def _refusal(what: str) -> Json:
    return {
        "description": what,
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _operations(schema: Json) -> Iterator[Json]:
    for path in cast("dict[str, Json]", schema["paths"]).values():
        yield from path.values()
