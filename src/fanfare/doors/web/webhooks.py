"""What the SMS provider posts to us: delivery reports and texts from fans.

Plain ASGI, because thousands arrive in a second when a sale's messages land. Nothing is looked at before the signature
is right, under one of our secrets and for our own configured address; without a secret every call is refused. What is
taken is durable before the answer; a worker applies it.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fanfare.doors.web import problems
from fanfare.doors.web.access import Open
from fanfare.doors.web.door import Door
from fanfare.doors.web.gather import Gatherer
from fanfare.doors.web.problems import ProblemError
from fanfare.doors.web.visits import Visit
from fanfare.doors.web.worlds import BusyError
from fanfare.model.report import InboundText, Report, ReportStatus
from fanfare.partners import sms_webhooks
from fanfare.partners.sms_webhooks import Malformed
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Fault
from fanfare.settings import Settings
from fanfare.topology import World

FORM = b"application/x-www-form-urlencoded"
SIGNATURE = b"x-twilio-signature"
BODY_BYTES_MAX = 65_536
FIELDS_MAX = 200
TEXT_KEPT_SECONDS = 7 * 86_400.0
"""How long a text is remembered, so that a copy is not worked on again (a START lifts once, however old its copy)."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A signed form."""

    pairs: Pairs
    body: bytes
    token: str | None
    """The ``n`` of the callback's own address."""


class Verifier:
    """Reads a post and believes it only when it is signed."""

    def __init__(self, settings: Settings) -> None:
        """Take the secrets and our own address; forwarding headers are never asked."""
        secrets = (settings.sms.auth_token, *settings.sms.former_auth_tokens)
        self._secrets = tuple(value for secret in secrets if (value := secret.get_secret_value()))
        self._addresses = sms_webhooks.url_variants(settings.callback_base)
        self._provider = settings.sms.provider

    async def read(self, scope: Scope, receive: Receive) -> Posted:
        """Return the form.

        Raises:
            ProblemError: another provider's, too large, no form, or not signed.
        """
        if scope["path_params"]["provider"] != self._provider:
            raise problems.not_found("provider")
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = await _body(receive)
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != FORM:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Post a form.")
        query: bytes = scope["query_string"]
        place = scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        pairs = _pairs(body)
        header = headers.get(SIGNATURE, b"").decode("latin-1")
        if not sms_webhooks.is_signed(self._secrets, [base + place for base in self._addresses], pairs, header):
            raise ProblemError(HTTPStatus.FORBIDDEN, "The signature is wrong.")
        return Posted(pairs=pairs, body=body, token=dict(parse_qsl(query.decode("latin-1"))).get("n"))


class Hook:
    """One address that the provider posts to."""

    access = Open("signed by the provider")

    def __init__(self, verifier: Verifier, take: Callable[[Posted], Awaitable[None]]) -> None:
        """Take what reads a post, and what makes it durable."""
        self._verifier = verifier
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 204 when the post is durable; an empty answer replies nothing to a fan."""
        try:
            await self._take(await self._verifier.read(scope, receive))
        except ClientDisconnect:
            return
        except ProblemError as problem:
            await problems.answer(Visit.of(scope), problem)(scope, receive, send)
        except (Fault, BusyError) as fault:
            await problems.answer(Visit.of(scope), problems.of_fault(fault))(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class Hooks:
    """What becomes of the provider's posts."""

    def __init__(self, door: Door) -> None:
        """Take what they stand on."""
        self._door = door
        self._reports = Gatherer[Report](self._leave)
        self._clock: Clock | None = None

    async def take_status(self, posted: Posted) -> None:
        """Leave a delivery report in the inbox. Progress changes no row and is not kept."""
        report = sms_webhooks.status_report(
            posted.pairs, provider=self._door.settings.sms.provider, token=posted.token, at=await self._now()
        )
        if isinstance(report, Malformed):
            raise await _quarantined(self._door, "sms_status", posted, report)
        if report.status is not ReportStatus.PROGRESS:
            await self._reports.put(report)

    async def take_text(self, posted: Posted) -> None:
        """Leave a fan's text in the inbox, once."""
        text = sms_webhooks.inbound_text(posted.pairs, at=await self._now())
        if isinstance(text, Malformed):
            raise await _quarantined(self._door, "sms_inbound", posted, text)
        await self._door.hook_worlds.run(lambda world: _leave_once(world, text))

    async def _leave(self, reports: Sequence[Report]) -> None:
        await self._door.hook_worlds.run(lambda world: world.inbox.leave_reports(reports))

    async def _now(self) -> datetime:
        if self._clock is None:
            self._clock = await self._door.hook_worlds.run(lambda world: world.clock)
        return self._clock.now()


def routes(door: Door) -> list[Route]:
    """Return the routes of the SMS provider."""
    verifier, hooks = Verifier(door.settings), Hooks(door)
    return [
        Route("/hooks/sms/{provider}/status", Hook(verifier, hooks.take_status), methods=["POST"]),
        Route("/hooks/sms/{provider}/inbound", Hook(verifier, hooks.take_text), methods=["POST"]),
    ]


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > BODY_BYTES_MAX:
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too large.")
    return b"".join(parts)


def _pairs(body: bytes) -> Pairs:
    """Return the fields of a form, decoded, empty ones too; they are signed in this form."""
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise ProblemError(HTTPStatus.FORBIDDEN, "The signature is wrong.") from None


async def _quarantined(door: Door, source: str, posted: Posted, malformed: Malformed) -> ProblemError:
    """Keep a signed form that says nothing, sealed: it holds a fan's number."""

    def work(world: World) -> None:
        sealed = b64encode(world.vault.seal_text(posted.body.decode("latin-1"))).decode()
        world.queues.quarantine(source, sealed, malformed.reason)

    await door.hook_worlds.run(work)
    return ProblemError(HTTPStatus.BAD_REQUEST, f"The form cannot be read: {malformed.reason}.")


def _leave_once(world: World, text: InboundText) -> None:
    now, place = world.clock.now(), f"inbound:{text.provider_id}"
    if world.cache.get(place, now) is None:
        world.inbox.leave_texts([text])
        world.cache.put(place, b"", now=now, fresh_seconds=TEXT_KEPT_SECONDS, stale_seconds=0)
