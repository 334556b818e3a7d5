"""GSM-7: which characters a one-segment text may hold, and how the others are brought into it.

The tables are those of 3GPP TS 23.038 (GSM 03.38). One character outside both turns the whole text into UCS-2, where
a segment has 70 code units instead of 160 septets. The limits of segments are those of 3GPP TS 23.040.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from anyascii import anyascii

SINGLE_SEPTETS_MAX = 160
PART_SEPTETS_MAX = 153
"""A part of a longer text gives 7 septets to the header that joins the parts."""
SINGLE_CODE_UNITS_MAX = 70
PART_CODE_UNITS_MAX = 67

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each, in the table's order. Its place 0x1B is the escape, which is no character."""

EXTENSION = "\f^{}\\[~]|€"
"""Two septets each: the escape and a code."""

GSM7 = frozenset(BASIC + EXTENSION)

_ALL_BASIC = re.compile(f"[{re.escape(BASIC)}]*")
_ALL_GSM7 = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
_OUTSIDE = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_ACCENTED = re.compile("[èéùìòÇÅåÉÄÖÑÜäöñüà]")

# What neither decomposition nor the transliteration of anyascii gets right for a text to a fan: marks of trade that say
# nothing, quotes that anyascii turns into angles, and signs of artists' names that are worth keeping.
_SUBSTITUTES = {
    **dict.fromkeys("®™©℠℗°", ""),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u0060\u00b4\u02bc\uff40\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\uff02", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7\u2043", "-"),
    "\u2026": "...",
    "\u0153": "oe",
    "\u0152": "OE",
    "\u00d7": "x",
    "\u2605": "*",
    "\u2606": "*",
    "\u2116": "No",
    "\u266d": "b",
}


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSize:
    """What a text costs to send."""

    encoding: Encoding
    units: int
    """Septets in GSM-7, 16-bit code units in UCS-2."""
    segments: int
    """Parts that are sent and charged; an empty text counts as one."""


def inspect(text: str) -> SmsSize:
    """Measure a text as a provider would. A two-unit character is never split over two parts."""
    if _ALL_BASIC.fullmatch(text):
        units = len(text)
        segments = 1 if units <= SINGLE_SEPTETS_MAX else -(-units // PART_SEPTETS_MAX)
        return SmsSize(encoding=Encoding.GSM7, units=units, segments=segments)
    if _ALL_GSM7.fullmatch(text):
        widths = [2 if character in EXTENSION else 1 for character in text]
        segments = 1 if sum(widths) <= SINGLE_SEPTETS_MAX else _parts(widths, PART_SEPTETS_MAX)
        return SmsSize(encoding=Encoding.GSM7, units=sum(widths), segments=segments)
    widths = [2 if character > "\uffff" else 1 for character in text]
    segments = 1 if sum(widths) <= SINGLE_CODE_UNITS_MAX else _parts(widths, PART_CODE_UNITS_MAX)
    return SmsSize(encoding=Encoding.UCS2, units=sum(widths), segments=segments)


def _parts(widths: Iterable[int], part_units_max: int) -> int:
    parts, room = 1, part_units_max
    for width in widths:
        if width > room:
            parts, room = parts + 1, part_units_max
        room -= width
    return parts


def septets(text: str) -> int:
    """Return how many septets a text that is all GSM-7 takes."""
    return len(text) if _ALL_BASIC.fullmatch(text) else sum(2 if c in EXTENSION else 1 for c in text)


def fold(text: str, *, strip_accents: bool = False) -> str:
    """Bring a text into GSM-7, changing only what lies outside it; folding twice changes nothing more.

    Look-alike punctuation is replaced, accents that GSM-7 lacks are removed, other alphabets are transliterated,
    and what has no letters (emoji, control and zero-width characters) is dropped. With ``strip_accents`` the accents
    that GSM-7 has are removed too. A text that holds a URL is folded before the URL is put in, never after.
    """
    if _ALL_GSM7.fullmatch(text) is None:
        text = _OUTSIDE.sub(_replacement, unicodedata.normalize("NFC", text))
    return _ACCENTED.sub(_without_accent, text) if strip_accents else text


def _replacement(match: re.Match[str]) -> str:
    return _transliterated(match[0])


def _without_accent(match: re.Match[str]) -> str:
    return _decomposed(match[0])


@lru_cache(maxsize=4096)
def _transliterated(character: str) -> str:
    if character in _SUBSTITUTES:
        return _SUBSTITUTES[character]
    if character.isspace():
        return " "
    bare = _decomposed(character)
    if bare and GSM7.issuperset(bare):
        return bare
    return _romanised(character)


def _decomposed(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


def _romanised(character: str) -> str:
    """Return anyascii's letters; nothing for pictures, which it would spell out (``:fire:``)."""
    if unicodedata.category(character) in {"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"}:
        return ""
    return "".join(c for c in anyascii(character).replace("`", "'") if c in GSM7)
