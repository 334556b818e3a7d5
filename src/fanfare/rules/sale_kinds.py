"""What kind of sale a presale is, told from its name.

Names are written by hand at the source: upper case, trade marks, slashes, sponsors, typos such as *Preale*.
So everything here works on the normalised name.
"""

import re
import unicodedata
from functools import lru_cache

from fanfare.model.sale import SaleKind
from fanfare.rules import spelling

WORDS = (
    "american",
    "artist",
    "cardholder",
    "cardmember",
    "citibank",
    "express",
    "mastercard",
    "package",
    "packages",
    "platinum",
    "presale",
    "prevente",
    "registration",
    "scotiabank",
    "verified",
)
"""Words that decide something; a word one slip away from one of them is read as it. All have six letters or more."""

SLIP_LENGTH_MIN = 6
"""Below this length one slip makes another word (*Citi*, *City*)."""

_NEIGHBOURS = frozenset({"resale", "resales", "artiste", "artistes", "verifie", "verifies", "verifier"})
"""Words of their own, one slip away from one of ``WORDS``."""

_MARKS = str.maketrans("\u2019", "'", "®™©`")
_POSSESSIVE = re.compile(r"'(?=s\b)")
_NOT_WORDS = re.compile(r"[^\w]+|_+")
_SPLIT_WORDS = ((re.compile(r"\bpre sale(s?)\b"), r"presale\1"), (re.compile(r"\bpre vente(s?)\b"), r"prevente\1"))

_VERIFIED_FAN = r"verified ?fans?|fans? verifie(?:e?s?)|verified presale"
_VIP = r"vip|packages?|forfaits?|hospitality|platinum|premium|meet and greet|meet greet"
_CREDIT_CARD = (
    r"amex|american express|citi|citibank|chase|visa|master ?card|capital one|rbc|avion|td|scotia|scotiabank|cibc|bmo"
    r"|desjardins|hsbc|barclays?|barclaycard|wells fargo|us bank|bank of america|banque|diners"
    r"|discover (?:card|it|presale)|card ?members?|card ?holders?|credit cards?|cartes? de credit"
)
_ARTIST = r"artists?|artistes?|fan ?club|official fan|fans?|band|tour|album|crew|mailing list|newsletter|infolettre"
_VENUE = (
    r"venues?|arena|theat(?:er|re)s?|amphitheat(?:er|re)s?|stadium|stade|salle|hall|ballroom|centre|center|house|club"
    r"|season tickets?|box office|abonnes?"
)

_KINDS: tuple[tuple[SaleKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?:{words})\b"))
    for kind, words in (
        (SaleKind.VERIFIED_FAN, _VERIFIED_FAN),
        (SaleKind.VIP, _VIP),
        (SaleKind.CREDIT_CARD, _CREDIT_CARD),
        (SaleKind.ARTIST, _ARTIST),
        (SaleKind.VENUE, _VENUE),
    )
)
"""The first that matches wins. A package stays a package whoever sells it, and a card sponsor one whoever plays."""


def kind_of(name: str) -> SaleKind:
    """Return the kind of a presale; a name that tells nothing is ``OTHER``. Never ``PUBLIC``: that is told by place."""
    normal = normalise(name)
    for kind, pattern in _KINDS:
        if pattern.search(normal):
            return kind
    return SaleKind.OTHER


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Return the name in lower case, without accents, marks and punctuation, words one space apart, slips mended.

    Names that differ only in these are one name to identity, to keywords and to suppressed artists.
    """
    spread = unicodedata.normalize("NFKD", name.translate(_MARKS)).casefold()
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    spaced = _NOT_WORDS.sub(" ", _POSSESSIVE.sub("", plain).replace("&", " and ")).strip()
    for pattern, joined in _SPLIT_WORDS:
        spaced = pattern.sub(joined, spaced)
    return " ".join(_mended(word) for word in spaced.split())


def _mended(word: str) -> str:
    if len(word) < SLIP_LENGTH_MIN or word in WORDS or word in _NEIGHBOURS:
        return word
    for known in WORDS:
        if word[0] == known[0] and spelling.distance(word, known, distance_max=1) <= 1:
            return known
    return word
