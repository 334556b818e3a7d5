"""Our short links: a code leads to the address that is stored for its event, and nowhere else."""

import logging
import re
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import RedirectResponse, Response

from fanfare import telemetry
from fanfare.doors.web import ids, pages
from fanfare.doors.web.access import is_open
from fanfare.doors.web.door import Door, OpenDoor
from fanfare.model.channel import Language, Locale
from fanfare.model.ids import EventId
from fanfare.ports.faults import Fault
from fanfare.ports.links import Redirect
from fanfare.rules import wording
from fanfare.telemetry import Fact
from fanfare.topology import World

logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


class CodeConvertor(Convertor[str]):
    """A code: seven and more of the letters that the redirector uses. Anything else is refused without a read."""

    regex = "[2-9A-HJ-NP-Za-km-z]{7,20}"

    def convert(self, value: str) -> str:
        """Return the code."""
        return value

    def to_string(self, value: str) -> str:
        """Return the code."""
        return value


register_url_convertor("short_code", CodeConvertor())

SCANNERS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scan|monitor|curl/|wget/|python|go-http|java/|okhttp|headless|facebookexternalhit"
    r"|whatsapp|slack|telegram|discord|skype|barracuda|proofpoint|mimecast|symantec|trendmicro|safelinks|urldefense",
    re.IGNORECASE,
)
"""Programs that open links before, or instead of, a person."""
PREFETCH_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


@router.api_route("/e/{event_id}", methods=["GET", "HEAD"], dependencies=[is_open("leads fans to an event")])
async def event_page(door: OpenDoor, request: Request, event_id: str) -> Response:
    """Show an event, with the way to its ticket page."""
    language = pages.language_of(request)
    if not re.fullmatch(ids.EVENT, event_id):
        return _missing(request)
    wanted = EventId(event_id)
    event = (await door.ask(lambda world: world.events.get([wanted]))).get(wanted)
    if event is None:
        return pages.render("missing.html", language, {}, status=HTTPStatus.NOT_FOUND)
    host = _host(event.url or "")
    locale = Locale.FR_CA if language is Language.FRENCH else Locale.EN_CA
    url = event.url if host else None
    shown = {"event": event, "day": wording.show_day(event, locale), "url": url, "host": host}
    return pages.render("event.html", language, shown)


@router.api_route("/r/{code}", methods=["GET", "HEAD"], dependencies=[is_open("leads fans to tickets")])
async def follow(door: OpenDoor, request: Request, code: str) -> Response:
    """Lead to the event's ticket page, and count a person's click."""
    if not re.fullmatch(CodeConvertor.regex, code):
        return _missing(request)
    redirect = await door.ask(lambda world: world.redirects.get(code))
    if redirect is None or not _host(redirect.target_url):
        return _missing(request)
    if is_person(request):
        await _count(door, redirect)
    # Not kept by anybody: the next click counts too, and a target may move.
    return RedirectResponse(redirect.target_url, HTTPStatus.FOUND, headers={"Cache-Control": "no-store"})


@router.api_route("/{code:short_code}", methods=["GET", "HEAD"], dependencies=[is_open("leads fans to tickets")])
async def follow_from_root(door: OpenDoor, request: Request, code: str) -> Response:
    """Lead on as ``/r/{code}`` does: a branded domain has its codes at the root."""
    return await follow(door, request, code)


def is_person(request: Request) -> bool:
    """Whether a person seems to have opened the link, rather than a program on its own."""
    if request.method != "GET":
        return False
    if any(PREFETCH.search(request.headers.get(name, "")) for name in PREFETCH_HEADERS):
        return False
    user_agent = request.headers.get("user-agent", "")
    return bool(user_agent) and not SCANNERS.search(user_agent)


async def _count(door: Door, redirect: Redirect) -> None:
    def work(world: World) -> None:
        world.redirects.clicked(redirect.code, world.clock.now())

    try:
        await door.ask(work)
    except Fault as fault:  # the fan gets to the tickets all the same
        telemetry.log(logger, Fact.CLICK_NOT_COUNTED, logging.WARNING, code=redirect.code, reason=str(fault))


def _host(url: str) -> str:
    """Return the host of a web address; empty for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:  # half an IPv6 address
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""


def _missing(request: Request) -> Response:
    return pages.render("missing.html", pages.language_of(request), {}, status=HTTPStatus.NOT_FOUND)
