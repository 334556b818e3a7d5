"""What a fan's text to us asks for: to stop, to start again, help, or nothing that we answer.

A body that is one keyword, however it is spelt, is decisive. Revocation by any reasonable means counts too (FCC rule,
since 2025-04-11), so free text that asks to stop is STOP as well, marked as such; consent is never read out of
free text. In doubt a text is STOP: a fan who is stopped by mistake can text START, one who is not stopped is wronged.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from fanfare.model.channel import Language

EXAMINED_CHARACTERS_MAX = 1600
"""The longest body that a provider passes on."""


class Keyword(StrEnum):
    """What is asked."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says."""

    keyword: Keyword
    language: Language | None
    """None where both languages use the word (STOP, START, INFO) or nothing was asked."""
    free_text: bool = False
    """The request was read out of a sentence, not a keyword alone."""


def _keyword(keyword: Keyword, language: Language | None, words: str) -> dict[str, Reading]:
    return dict.fromkeys(words.split(), Reading(keyword=keyword, language=language))


# Twilio's and AWS's lists, French for Canada, and OPTOUT and REMOVE for fans of other lists. Spelt without spaces.
_WHOLE = {
    **_keyword(Keyword.STOP, None, "STOP STOPALL"),
    **_keyword(Keyword.STOP, Language.ENGLISH, "UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT REMOVE"),
    **_keyword(Keyword.STOP, Language.FRENCH, "ARRET TD"),
    **_keyword(Keyword.START, None, "START"),
    **_keyword(Keyword.START, Language.ENGLISH, "YES UNSTOP"),
    **_keyword(Keyword.START, Language.FRENCH, "OUI"),
    **_keyword(Keyword.HELP, None, "INFO"),
    **_keyword(Keyword.HELP, Language.ENGLISH, "HELP"),
    **_keyword(Keyword.HELP, Language.FRENCH, "AIDE"),
}

_NOTHING = Reading(keyword=Keyword.NONE, language=None)

_TEXTS = (
    r"(?:TEXT\w*|TXT\w*|MESSAG\w*|MSGS?|SMS|SPAM\w*|ALERT\w*|NOTIF\w*|REMINDERS?|"
    r"SUBSCRIPTION|CONTACT\w*|SENDING|CALLING)"
)
_BUT = r"(?<!\bDONT\ )(?<!\bDON\ T\ )(?<!\bDO\ NOT\ )(?<!\bNEVER\ )(?<!\bNON\ )"
_POLITE = (
    r"(?:REPLY|YES|PLEASE|PLS|PLZ|OK|OKAY|HEY|HI|HELLO|JUST|KINDLY|NO|THANKS|THANK\ YOU|BONJOUR|SVP|SALUT|MERCI|NON)"
)

# All are matched against words of A-Z and 0-9 with single spaces.
_ENGLISH_STOPS = re.compile(
    rf"""
      {_BUT}\b(?:STOP|QUIT|CANCEL|END|CEASE)\b(?:\ \w+){{0,3}}\ {_TEXTS}\b
    | ^(?:{_POLITE}\ )*(?:STOP|QUIT|CANCEL|UNSUB)(?:\ (?:THIS|IT|THAT|NOW|ALL|ME|{_POLITE}|TO\ END))*$
    | \b(?:WANT|LIKE|NEED|MAKE|ASKED|TOLD|SAID|TO)\b(?:\ \w+){{0,4}}\ STOP(?:\ (?:THIS|IT|NOW|{_POLITE}))*$
    | {_BUT}\b(?:UNSUBSCRIBE|OPT(?:ED|ING)?\ ?OUT|REVOKE)\b
    | {_BUT}\b(?:REMOVE|TAKE|GET|DELETE)\ (?:ME|MY)\b(?:\ \w+){{0,4}}\ (?:OFF|FROM|OUT|NUMBER|LIST|PHONE)\b
    | {_BUT}\bREMOVE\ (?:ME|THIS\ NUMBER)\b
    | \bNO\ MORE(?:\ \w+){{0,2}}\ {_TEXTS}\b
    | \b(?:DO\ NOT|DON\ T|DONT|NEVER)\ (?:TEXT|TXT|MESSAGE|MSG|CONTACT|SEND)\b
    | \b(?:LEAVE\ ME\ ALONE|LOSE\ (?:MY|THIS)\ NUMBER|WRONG\ NUMBER)\b
    | \bSTOPALL\b
    """,
    re.VERBOSE,
)
_FRENCH_STOPS = re.compile(
    rf"""
      (?<!\bNE\ PAS\ )(?<!\bN\ )\bARRET(?:E|ER|EZ)?\b(?!\ (?:D\ )?(?:AUTOBUS|BUS|METRO)\b)(?!\ PAS\b)
    | \b(?:DESABONN\w*|DESINSCRI\w*|CESSEZ|CESSER)\b
    | \b(?:RETIR|ENLEV|SUPPRIM)\w+(?:\ MOI|\ MON\ NUMERO|\ MON\ NOM)\b
    | \bPLUS\ (?:DE|AUCUN|RECEVOIR)(?:\ \w+){{0,2}}\ (?:MESSAGES?|TEXTOS?|SMS|ALERTES?)\b
    | \bNE\ (?:ME|M)\ \w+\ (?:PLUS|PAS)\b
    | \b(?:ANNULER|ANNULEZ)\b(?:\ \w+){{0,3}}\ (?:MESSAGES?|TEXTOS?|SMS|ALERTES?|ABONNEMENT|INSCRIPTION)\b
    | ^(?:{_POLITE}\ )*(?:ANNULER|ANNULEZ)$
    """,
    re.VERBOSE,
)


def classify(text: str) -> Reading:
    """Read a fan's text. Case, spaces, punctuation, accents and pictures make no difference."""
    words = _words(text[:EXAMINED_CHARACTERS_MAX])
    whole = _WHOLE.get(words.replace(" ", ""))
    if whole is not None:
        return whole
    if _FRENCH_STOPS.search(words):
        return Reading(keyword=Keyword.STOP, language=Language.FRENCH, free_text=True)
    if _ENGLISH_STOPS.search(words):
        return Reading(keyword=Keyword.STOP, language=Language.ENGLISH, free_text=True)
    return _NOTHING


def _words(text: str) -> str:
    """Return the words in capitals without accents, a single space between them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    return " ".join(re.findall(r"[A-Z0-9]+", plain.upper()))
