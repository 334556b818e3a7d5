"""The link shortener: Bitly's v4 `shorten`, the same short link for the same address."""

from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from fanfare.lab import clock
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import LabConfig
from fanfare.lab.dice import Dice
from fanfare.lab.faults import LINKS, Fault
from fanfare.lab.http import Exchange, render
from fanfare.lab.routes import Routes

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CODE_LETTERS = 7
_GROUP = "Blab0000001"


class _Asked(msgspec.Struct):
    long_url: str = ""
    domain: str = "bit.ly"
    group_guid: str = _GROUP


class Links:
    """Shortens. Domains are `bit.ly` and anything under `.test`, as if the group owned it."""

    def __init__(self, config: LabConfig, *, stage_clock: clock.Clock, dice: Dice) -> None:
        self._bearer = f"Bearer {config.links_token}".encode()
        self._clock = stage_clock
        self._dice = dice
        self._attempts = Attempts()
        self._made: dict[str, str] = {}

    def add_routes(self, routes: Routes) -> None:
        """Add the partner's route."""
        routes.add("POST", "/v4/shorten", self._shorten)

    def _shorten(self, exchange: Exchange) -> None:
        if exchange.header(b"authorization") != self._bearer:
            exchange.json(403, _problem("FORBIDDEN", "You are not allowed to do this."))
            return
        asked = exchange.decode(_Asked)
        if self._is_struck(exchange, asked) or _is_refused(exchange, asked):
            return
        short = f"{asked.domain}/{_code(asked)}"
        status = 200 if short in self._made else 201
        created_at = self._made.setdefault(short, clock.iso(self._clock.seconds())[:-1] + "+0000")
        exchange.json(status, _bitlink(short, asked, created_at))

    def _is_struck(self, exchange: Exchange, asked: _Asked) -> bool:
        fault = self._dice.partner(LINKS, asked.long_url, self._attempts.next("links", asked.long_url))
        match fault:
            case Fault.LINKS_429:
                exchange.json(429, _problem("RATE_LIMIT_EXCEEDED", "Too many requests; slow down."))
            case Fault.LINKS_MONTHLY:
                exchange.json(429, _problem("MONTHLY_ENCODE_LIMIT_REACHED", "The plan's links of this month are used."))
            case Fault.LINKS_500:
                exchange.send(render(500, b"Internal Server Error", content_type="text/plain"))
            case _:
                return False
        return True


def _is_refused(exchange: Exchange, asked: _Asked) -> bool:
    parts = urlsplit(asked.long_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problem = _problem("INVALID_ARG_LONG_URL", "The value provided is invalid.")
        problem["errors"] = [{"field": "long_url", "error_code": "invalid"}]
        exchange.json(400, problem)
    elif parts.hostname == asked.domain:
        exchange.json(400, _problem("ALREADY_A_BITLY_LINK", "The value provided is already a short link."))
    elif asked.domain != "bit.ly" and not asked.domain.endswith(".test"):
        exchange.json(403, _problem("FORBIDDEN", "The domain does not belong to the group."))
    else:
        return False
    return True


def _code(asked: _Asked) -> str:
    number = int.from_bytes(
        sha256(f"{asked.group_guid}\0{asked.domain}\0{asked.long_url}".encode()).digest()[:8], "big"
    )
    letters: list[str] = []
    for _ in range(_CODE_LETTERS):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)


def _bitlink(short: str, asked: _Asked, created_at: str) -> dict[str, object]:
    return {
        "created_at": created_at,
        "id": short,
        "link": f"https://{short}",
        "long_url": asked.long_url,
        "archived": False,
        "tags": [],
        "custom_bitlinks": [],
        "deeplinks": [],
        "references": {"group": f"https://api-ssl.bitly.com/v4/groups/{asked.group_guid}"},
    }


def _problem(message: str, description: str) -> dict[str, object]:
    return {"message": message, "resource": "bitlinks", "description": description}
