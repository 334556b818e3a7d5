"""Our own short links: a code under a branded https address that leads to an event's page."""

import hashlib
from urllib.parse import urlsplit

from fanfare.model.ids import EventId
from fanfare.ports.faults import Conflict, Permanent
from fanfare.ports.links import Redirects

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""57 letters and digits that are not mistaken for one another: no 0 O, no 1 I l."""
CODE_LENGTH_MIN = 7  # 57^7 codes: among 100,000 events two meet with a chance of 0.3 %, and the next code is longer
CODE_LENGTH_MAX = 20


class Redirector:
    """Makes codes from event ids, so the same event always has the same link, on every machine."""

    def __init__(self, *, base_url: str, redirects: Redirects) -> None:
        self._base_url = base_url.rstrip("/")
        self._redirects = redirects

    def shorten(self, event_id: EventId, url: str) -> str:
        """As the port says; the code leads to the address from now on."""
        if not _is_web_address(url):
            raise Permanent(f"event {event_id}: the link's address is not an http or https one")
        whole = code_of(event_id)
        for length in range(CODE_LENGTH_MIN, CODE_LENGTH_MAX + 1):
            if self._put(whole[:length], event_id, url):
                return f"{self._base_url}/{whole[:length]}"
        raise Permanent(f"event {event_id}: no free short code")

    def _put(self, code: str, event_id: EventId, url: str) -> bool:
        try:
            self._redirects.put(code, event_id, url)
        except Conflict:
            return False  # another event has it
        return True


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # half an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def code_of(event_id: EventId) -> str:
    """Return an event's whole code; its link uses as much of the beginning as is needed."""
    number = int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:16], "big")
    letters: list[str] = []
    for _ in range(CODE_LENGTH_MAX):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)
