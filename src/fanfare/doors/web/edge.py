"""The outermost ring of the web door: request ids, size limits, and the headers that every answer carries."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanfare import telemetry
from fanfare.doors.web import problems
from fanfare.doors.web.problems import ProblemError
from fanfare.doors.web.quotas import Allowance
from fanfare.doors.web.visits import PLACE, Visit

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})

BODY_BYTES_MAX = 100_000
"""No single request needs more; an import of events may be larger."""
BODY_SECONDS_MAX = 15.0
"""For each piece of a body: who sends slower holds a connection for nothing."""
BODY_BYTES_MAX_BY_PATH: Mapping[str, int] = {"/v1/events": 5_000_000}

ALWAYS: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
UNLESS_SAID: Mapping[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@dataclass(slots=True)
class _Bounded:
    """Refuses a body that is too large or too slow, by the one error that the framework's body readers let pass."""

    receive: Receive
    bytes_max: int
    bytes_read: int = 0
    is_whole: bool = False

    async def __call__(self) -> Message:
        if self.is_whole:
            return await self.receive()  # whoever asks now waits for the caller to hang up
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                message = await self.receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        self.is_whole = not message.get("more_body", False)
        self.bytes_read += len(message.get("body", b""))
        if self.bytes_read > self.bytes_max:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message


class Edge:
    """ASGI middleware; the first to see a request and the last to see its answer."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        """Wrap the app; ``is_https`` is whether the public address is."""
        self._app = app
        self._always = (*ALWAYS.items(), *((ONLY_HTTPS,) if is_https else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        visit = _visit(scope, headers)
        scope[PLACE] = visit
        answer = self._answering(visit, send)
        with telemetry.correlated(visit.request_id):
            refusal = _refusal(scope, headers)
            if refusal is not None:
                await problems.answer(visit, refusal)(scope, receive, answer)
            else:
                await self._app(scope, _Bounded(receive, _bytes_max(scope)), answer)

    def _answering(self, visit: Visit, send: Send) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._headers(message.get("headers", ()), visit)}
            await send(message)

        return answer

    def _headers(self, said: "list[tuple[bytes, bytes]]", visit: Visit) -> "list[tuple[bytes, bytes]]":
        names = {name for name, _ in said}
        return [
            *said,
            *self._always,
            *((name, value) for name, value in UNLESS_SAID.items() if name not in names),
            (b"x-request-id", visit.request_id.encode()),
            *(_quota_headers(visit.allowance) if visit.allowance else ()),
        ]


def _visit(scope: Scope, headers: Mapping[bytes, bytes]) -> Visit:
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode() if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    client: tuple[str, int] | None = scope.get("client")
    return Visit(
        request_id=request_id, peer=client[0] if client else "", is_forwarded=not FORWARDED.isdisjoint(headers)
    )


def _refusal(scope: Scope, headers: Mapping[bytes, bytes]) -> ProblemError | None:
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as it is, without a content encoding.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return ProblemError(HTTPStatus.BAD_REQUEST, "Content-Length is no number.")
    return _too_large(scope) if int(length) > _bytes_max(scope) else None


def _too_large(scope: Scope) -> ProblemError:
    detail = f"The body is larger than {_bytes_max(scope)} bytes; send less at a time."
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _bytes_max(scope: Scope) -> int:
    return BODY_BYTES_MAX_BY_PATH.get(scope["path"], BODY_BYTES_MAX)


def _quota_headers(allowance: Allowance) -> "tuple[tuple[bytes, bytes], ...]":
    """Return the fields of the IETF draft *RateLimit header fields for HTTP*."""
    policy = f'"key";q={allowance.limit};w={allowance.window_seconds}'
    left = f'"key";r={allowance.remaining};t={allowance.reset_seconds}'
    return (b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())
