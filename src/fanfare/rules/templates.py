"""Templates: operators' text with places for a closed set of plain strings, and what may be put in them.

``{name}`` is replaced by a value. ``[ ... ]`` is left out, punctuation and all, when a value inside it is empty. That
is the whole language: no attributes, no formats, no calls, so a template can read nothing that it was not given.
Values are data: braces and brackets in them stay as they are.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

VALUE_CHARACTERS_MAX = 200
"""No artist, venue or presale of a year of recorded events is longer; what is, is shortened before anything else."""

_EXAMINED_CHARACTERS_MAX = 2 * VALUE_CHARACTERS_MAX  # room for what is dropped; bounds the work on hostile input

_TOKEN = re.compile(r"\{(?P<name>[^{}\[\]]*)\}|(?P<mark>[{}\[\]])|(?P<text>[^{}\[\]]+)")
_INVISIBLE_KEPT = "\u200c\u200d"  # joiners: Persian words and family emoji fall apart without them
_BLANKS = re.compile(r"\s+")
_CONTINUES_GRAPHEME = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")

# Dots that browsers read as the dot of a host name (UTS 46), and the one-dot leader that folds to one.
_DOT = r"[.\u3002\uff0e\uff61\u2024]"
# Top-level names under which strangers' links are sent most. Any ending counts when a path follows it; a bare
# "will.i.am" is an artist, so countries' names are not listed.
_ENDINGS = (
    "com|net|org|info|biz|io|co|ly|me|app|link|xyz|top|site|online|shop|store|club|live|vip|tickets|gg|tv|cc|ru|cn|"
    "us|ca|fr|uk|dev|page|click|fun|pro|gl|gd|to"
)
_ADDRESS = re.compile(
    rf"""
      [a-z][a-z0-9+-]*:[/\\]{{2}}\S*                                  # anything with a scheme
    | \bwww{_DOT}\S+
    | (?<!\w)[\w-]+(?:{_DOT}[\w-]+)*{_DOT}(?:{_ENDINGS})\b(?:[/:?#]\S*)?   # a host, with or without a path
    | (?<!\w)[\w-]+(?:{_DOT}[\w-]+)*{_DOT}\w{{2,}}[/?#]\w\S*               # any host with a path
    | (?<!\w)\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}\b\S*                     # a host by number
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS_JOINTS = re.compile(rf":[/\\]+|{_DOT}")


class MistakeReason(StrEnum):
    """What is wrong with a template."""

    EMPTY = "empty"
    UNKNOWN_VARIABLE = "unknown variable"
    UNBALANCED = "unbalanced brace or bracket"
    NESTED = "brackets within brackets"
    NEVER_LEFT_OUT = "brackets without a variable"
    MISSING_VARIABLE = "required variable missing"
    NOT_OPTIONAL = "variable that may be cut stands outside brackets"
    NOT_ALWAYS = "required variable stands within brackets"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to mend in a template."""

    place: int
    """Character in the template, the first is 1; 0 when it is about the whole."""
    reason: MistakeReason
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text (``name`` is None) or the place of a value."""

    place: int
    text: str
    name: str | None
    group: int
    """Place of the bracket that opened around it; 0 when none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A template taken apart."""

    pieces: tuple[Piece, ...]
    mistakes: tuple[Mistake, ...]

    def names(self, *, optional: bool) -> frozenset[str]:
        """Return the variables within brackets, or those outside."""
        return frozenset(p.name for p in self.pieces if p.name is not None and (p.group > 0) is optional)


def lint(template: str, allowed: Collection[str]) -> tuple[Mistake, ...]:
    """Return every mistake in a template whose variables must be among ``allowed``, in order of place."""
    if not template.strip():
        return (Mistake(place=0, reason=MistakeReason.EMPTY, fix="Write the text, or remove the override."),)
    parsed = parse(template)
    known = ", ".join(f"{{{name}}}" for name in sorted(allowed))
    unknown = (
        Mistake(place=piece.place, reason=MistakeReason.UNKNOWN_VARIABLE, fix=f"Use one of {known}.")
        for piece in parsed.pieces
        if piece.name is not None and piece.name not in allowed
    )
    return tuple(sorted((*parsed.mistakes, *unknown), key=lambda mistake: mistake.place))


def render(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its values in place, without the brackets whose value is empty.

    Raises:
        ValueError: the template is malformed or names a variable that ``values`` lacks; ``lint`` says where.
    """
    parsed = parse(template)
    if parsed.mistakes or any(piece.name is not None and piece.name not in values for piece in parsed.pieces):
        raise ValueError(f"template cannot be rendered: {lint(template, tuple(values))}")
    hidden = {piece.group for piece in parsed.pieces if piece.group and piece.name and not values[piece.name]}
    kept = (piece for piece in parsed.pieces if piece.group not in hidden)
    return "".join(piece.text if piece.name is None else values[piece.name] for piece in kept)


@lru_cache(maxsize=512)
def parse(template: str) -> Parsed:
    """Take a template apart, keeping its mistakes beside its pieces."""
    pieces: list[Piece] = []
    mistakes: list[Mistake] = []
    opened_at = 0
    for token in _TOKEN.finditer(template):
        place, mark = token.start() + 1, token["mark"]
        if mark is None:
            pieces.append(Piece(place=place, text=token["text"] or "", name=token["name"], group=opened_at))
            continue
        opened_at, found = _marked(mark, place, opened_at, pieces)
        mistakes.extend(found)
    if opened_at:
        mistakes.append(_stray(opened_at, "]"))
    return Parsed(pieces=tuple(pieces), mistakes=tuple(mistakes))


def _marked(mark: str, place: int, opened_at: int, pieces: list[Piece]) -> tuple[int, tuple[Mistake, ...]]:
    """Return where the brackets now open stand (0 for none), and what is wrong with this mark."""
    match mark, opened_at > 0:
        case "[", False:
            return place, ()
        case "]", True:
            return 0, _pointless(pieces, opened_at)
        case _:
            return opened_at, (_stray(place, mark),)


def _pointless(pieces: list[Piece], group: int) -> tuple[Mistake, ...]:
    if any(piece.group == group and piece.name is not None for piece in pieces):
        return ()
    fix = "Remove the brackets or put a variable in them."
    return (Mistake(place=group, reason=MistakeReason.NEVER_LEFT_OUT, fix=fix),)


def _stray(place: int, mark: str) -> Mistake:
    if mark == "[":
        return Mistake(place=place, reason=MistakeReason.NESTED, fix="Close the brackets before opening others.")
    fix = "Brackets must be closed." if mark == "]" else "Braces stand only around a variable's name, as in {artist}."
    return Mistake(place=place, reason=MistakeReason.UNBALANCED, fix=fix)


def clean(value: str) -> str:
    """Return a value from outside as one harmless line.

    Control, bidirectional and invisible characters are removed, line breaks become spaces, anything that a phone or
    a mail client would make a link of is taken apart, and what is too long is shortened.
    """
    beginning = unicodedata.normalize("NFC", value[:_EXAMINED_CHARACTERS_MAX])
    visible = "".join(_visible(character) for character in beginning)
    # Shortened first: a cut can make an address (evil.commerce), and defusing never lengthens.
    return defuse(shorten(_BLANKS.sub(" ", visible).strip(), VALUE_CHARACTERS_MAX))


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in _INVISIBLE_KEPT
    return "" if hidden else character


def defuse(text: str) -> str:
    """Take apart every address in a text that is not ours: ``http://a.com/x`` becomes ``http a com/x``."""
    return _ADDRESS.sub(lambda match: _ADDRESS_JOINTS.sub(" ", match[0]).strip(), text)


def shorten(text: str, characters_max: int) -> str:
    """Cut a text to a length, marking the cut with ``...``; never between a letter and the marks that belong to it."""
    if len(text) <= characters_max:
        return text
    end = max(characters_max - len("..."), 0)
    while end and _continues(text, end):
        end -= 1
    return text[:end].rstrip(" ,;:.-") + "..."


def _continues(text: str, place: int) -> bool:
    """Tell whether the character at ``place`` belongs to the one before it (the rules of UAX 29 that names need)."""
    here, before = text[place], text[place - 1]
    joined = unicodedata.category(here).startswith("M") or _CONTINUES_GRAPHEME.match(here) is not None
    return joined or before == "\u200d" or (_is_flag_letter(here) and _is_flag_letter(before))


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
