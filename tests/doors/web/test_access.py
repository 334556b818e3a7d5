"""Who may use which route: nobody without a key, nobody with the wrong scope, nobody with a revoked key."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from fanfare.doors.web import app as web_app
from fanfare.doors.web import openapi, redirects
from fanfare.doors.web.access import KeyNeeded, Open
from fanfare.doors.web.webhooks import Hook
from fanfare.ports.api_keys import Scope
from tests.doors.web.conftest import Stage

# What a request needs so that only its key can be wrong.
PATHS = {
    "fan_id": "fan-1",
    "event_id": "E1",
    "sale_id": "E1:public",
    "notification_id": "x",
}
BODIES: dict[str, Any] = {"/v1/events": [], "/graphql": {"query": "{__typename}"}}


def api_routes() -> list[APIRoute]:
    routers = (*web_app.ROUTERS, web_app.assets, redirects.router)
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def guarded() -> Iterator[tuple[str, str, Scope | None]]:
    for route in api_routes():
        access = openapi.access_of(route)
        if isinstance(access, KeyNeeded):
            yield from ((method, route.path, access.scope) for method in sorted(route.methods or ()))


GUARDED = [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in guarded()]


def test_every_route_declares_who_may_use_it() -> None:
    assert not [route.path for route in api_routes() if openapi.access_of(route) is None]
    assert all(isinstance(access, Open) and access.why for access in (Hook.access,))


def test_the_app_has_no_route_that_this_walk_does_not_see(stage: Stage) -> None:
    paths = set(stage.admin("GET", "/openapi.json").json["paths"])

    assert paths <= {route.path for route in api_routes()}


def test_the_only_plain_routes_are_the_hooks_and_the_description(stage: Stage) -> None:
    assert {type(route.endpoint) for route in stage.app.routes if type(route) is Route} >= {Hook}
    others = [route.path for route in stage.app.routes if type(route) is Route and not isinstance(route.endpoint, Hook)]
    assert others == ["/openapi.json"]


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_only_a_live_key_with_the_scope_gets_in(door: Stage, method: str, path: str, scope: Scope | None) -> None:
    place = path.format(**PATHS)
    wrong = next(each for each in Scope if each not in {scope, Scope.ADMIN})
    revoked = door.keys.create("gone", frozenset(Scope))
    door.keys.revoke(revoked.split("_")[1])

    def status(key: str | None, **headers: str) -> int:
        headers.setdefault("Via", "1.1 a-proxy")  # nobody is let in for being on this machine
        body = BODIES.get(path, {}) if method in {"POST", "PUT"} else None
        return door.call(method, place, body, key=key, **headers).status

    assert status(None) == 401
    assert status("fanfare_0123456789_guessed") == 401
    assert status(revoked) == 401
    if scope is not None:
        assert status(door.key(wrong)) == 403
        assert status(door.key(scope)) not in {401, 403}
    assert status(door.key(Scope.ADMIN)) not in {401, 403}


def test_a_refusal_says_which_scope_is_missing(door: Stage) -> None:
    answer = door.call("GET", "/v1/events", key=door.key(Scope.WHY_READ))

    assert 'scope="events:read"' in answer.headers["www-authenticate"]
    assert "events:read" in answer.json["detail"]


def test_a_key_is_taken_from_the_authorization_header_only(door: Stage) -> None:
    key = door.key(Scope.EVENTS_READ)

    assert door.call("GET", f"/v1/events?key={key}").status == 401
    assert door.call("GET", "/v1/events", Cookie=f"key={key}").status == 401
