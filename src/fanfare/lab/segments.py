"""How many parts a text is cut into; the provider's own count, which Fanfare's is checked against."""

from functools import lru_cache

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each costs two septets


@lru_cache(maxsize=4096)  # many fans are sent the same words
def count(body: str) -> int:
    """Return the number of segments: GSM-7 at 160, or 153 each; UCS-2 at 70, or 67 each. Pairs are never split."""
    letters = set(body)
    if letters <= _BASIC:
        return _parts(len(body), whole=160, each=153)
    if letters <= _BASIC | _EXTENDED:
        return _packed([2 if letter in _EXTENDED else 1 for letter in body], whole=160, each=153)
    return _packed([2 if ord(letter) > 0xFFFF else 1 for letter in body], whole=70, each=67)


def _parts(length: int, *, whole: int, each: int) -> int:
    return 1 if length <= whole else -(-length // each)


def _packed(widths: list[int], *, whole: int, each: int) -> int:
    if sum(widths) <= whole:
        return 1
    parts, filled = 1, 0
    for width in widths:
        if filled + width > each:
            parts, filled = parts + 1, 0
        filled += width
    return parts
