"""The unsubscribe link in every email: GET shows a page and changes nothing, POST acts at once (RFC 8058).

Mail scanners open every link, so what a GET did would be done to whole staffs. A POST needs no second question, and
may be repeated.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from fanfare.doors.web import pages
from fanfare.doors.web.access import is_open
from fanfare.doors.web.door import OpenDoor
from fanfare.model.channel import Channel, Language, Locale
from fanfare.model.ids import FanRef
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.topology import World, opt_out_ground
from fanfare.workers import apply_opt_outs

router = APIRouter(include_in_schema=False)

PURPOSE = "unsubscribe:"
SOURCE = "unsubscribe"
FIELDS_MAX = 10
TokenPath = Annotated[str, Path(max_length=256)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who opened the link, as far as it tells."""

    fan_ref: FanRef
    brand: str
    brand_name: str
    locale: Locale | None
    every_brand: bool

    def page_values(self, language: Language) -> dict[str, object]:
        """Return what every page of this reader shows."""
        is_french = language is Language.FRENCH
        from_brand = f"de {self.brand_name}" if is_french else f"from {self.brand_name}"
        for_brand = f" pour {self.brand_name}" if is_french else f" for {self.brand_name}"
        return {
            "brand": self.brand_name,
            "from_brand": from_brand,
            "for_brand": "" if self.every_brand else for_brand,  # the opt-out may bind every brand
        }


@router.get("/u/{token}", dependencies=[is_open("the link itself is the right")])
async def show(door: OpenDoor, request: Request, token: TokenPath) -> Response:
    """Show the page. Nothing changes."""
    reader = await door.ask(lambda world: _reader(world, token))
    if reader is None:
        return pages.render("missing.html", pages.language_of(request), {}, status=HTTPStatus.NOT_FOUND)
    language = pages.language_of(request, reader.locale)
    return pages.render("unsubscribe.html", language, reader.page_values(language))


@router.post("/u/{token}", dependencies=[is_open("the link itself is the right")])
async def act(door: OpenDoor, request: Request, token: TokenPath) -> Response:
    """Unsubscribe: emails, or emails and texts where the page's second button was used."""
    reader = await door.ask(lambda world: _reader(world, token))
    if reader is None:
        return pages.render("missing.html", pages.language_of(request), {}, status=HTTPStatus.NOT_FOUND)
    form = await request.form(max_files=0, max_fields=FIELDS_MAX)
    channels = tuple(Channel) if form.get("stop") == "all" else (Channel.EMAIL,)
    await door.ask(lambda world: _stop(world, reader, channels))
    language = _language(form) or pages.language_of(request, reader.locale)
    values = {**reader.page_values(language), "stopped_texts": Channel.SMS in channels}
    return pages.render("unsubscribed.html", language, values)


def _language(form: FormData) -> Language | None:
    given = form.get("lang")
    return Language(given) if isinstance(given, str) and given in set(Language) else None


def _reader(world: World, token: str) -> Reader | None:
    read = world.vault.read_fan(token)
    if read is None or not read[1].startswith(PURPOSE):
        return None
    fan_ref, brand = read[0], read[1].removeprefix(PURPOSE)
    locales = [demand.locale for demand in world.demands.of_fan(fan_ref) if demand.locale]
    known = world.brands.get(brand)
    return Reader(
        fan_ref=fan_ref,
        brand=brand,
        brand_name=known.name if known else brand,
        locale=locales[0] if locales else None,
        every_brand=world.stop_every_brand,
    )


def _stop(world: World, reader: Reader, channels: tuple[Channel, ...]) -> None:
    """Record the opt-out for each address that the fan gave, but where it is recorded already."""
    scope = EVERY_BRAND if reader.every_brand else reader.brand
    ground, now = opt_out_ground(world), world.clock.now()
    demands = world.demands.of_fan(reader.fan_ref)
    for channel in channels:
        hashes = sorted({demand.address_hash for demand in demands if demand.channel is channel})
        stopped = world.opt_outs.of(channel, hashes) if hashes else {}
        for address_hash in hashes:
            if scope not in stopped.get(address_hash, frozenset()):
                apply_opt_outs.stop(address_hash, channel, scope, now, SOURCE, ground=ground)
