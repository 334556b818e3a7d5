"""The dice: which fault strikes what.

A decision is a pure function of the seed and of what is being decided: for a text (To, SHA-256 of Body, how many
times the two were asked for), for a number (To), for everything else (a key, how many times it was asked for).
So the order in which requests arrive, and how many arrive at once, changes no total.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from fanfare.lab.faults import CALLS, NUMBERS, PARTNERS, REPORTS, ROADS, TEXTS, Fault, Faults

_DRAW_SIZE = 1 << 32


class Urn:
    """Kinds that exclude one another, each with its share of one 32-bit throw."""

    __slots__ = ("_ends", "_kinds", "_last")

    def __init__(self, kinds: Sequence[Fault], faults: Faults) -> None:
        self._kinds = tuple(kind for kind in kinds if faults.rates.get(kind, 0.0) > 0)
        self._ends: list[int] = []
        reached = 0.0
        for kind in self._kinds:
            reached += faults.rates[kind]
            self._ends.append(round(reached * _DRAW_SIZE))
        self._last = self._ends[-1] if self._ends else 0

    def draw(self, throw: int) -> Fault | None:
        """Return the kind whose share holds the throw (0 .. 2**32 - 1)."""
        return self._kinds[bisect_right(self._ends, throw)] if throw < self._last else None


class TextDraw(msgspec.Struct, frozen=True):
    """What happens to one attempt at a text. `entropy` (20 bytes) settles whatever is left open."""

    call: Fault | None
    road: Fault | None
    report: Fault | None
    entropy: bytes


class NumberDraw(msgspec.Struct, frozen=True):
    """What is true of a number for good, and what its owner texts back."""

    flaw: Fault | None
    texts_back: Fault | None
    entropy: bytes


class Dice:
    """All draws of one seed and one set of faults."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self._seed = str(seed).encode()
        self._calls = Urn(CALLS, faults)
        self._roads = Urn(ROADS, faults)
        self._reports = Urn(REPORTS, faults)
        self._numbers = Urn(NUMBERS, faults)
        self._texts = Urn(TEXTS, faults)
        self._partners = {kinds: Urn(kinds, faults) for kinds in PARTNERS}

    def text(self, to: str, body_sha256: bytes, nth: int) -> TextDraw:
        """Decide about the n-th request for that number and those words."""
        digest = self._throw(b"text", to.encode(), body_sha256, b"%d" % nth)
        word = int.from_bytes
        return TextDraw(
            self._calls.draw(word(digest[:4], "big")),
            self._roads.draw(word(digest[4:8], "big")),
            self._reports.draw(word(digest[8:12], "big")),
            digest[12:],
        )

    def number(self, to: str) -> NumberDraw:
        """Decide about a phone number."""
        digest = self._throw(b"number", to.encode())
        word = int.from_bytes
        return NumberDraw(
            self._numbers.draw(word(digest[:4], "big")),
            self._texts.draw(word(digest[4:8], "big")),
            digest[8:],
        )

    def partner(self, kinds: tuple[Fault, ...], key: str, nth: int = 1) -> Fault | None:
        """Decide among one of the groups of `PARTNERS` about the n-th call with that key."""
        digest = self._throw(kinds[0].encode(), key.encode(), b"%d" % nth)
        return self._partners[kinds].draw(int.from_bytes(digest[:4], "big"))

    def _throw(self, *parts: bytes) -> bytes:
        return sha256(b"\0".join((self._seed, *parts))).digest()
