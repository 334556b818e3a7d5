import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import templates
from fanfare.rules.templates import MistakeReason
from tests.rules.wording_samples import ANY_CHARACTER, NAMES

ALLOWED = ("artist", "venue", "link")


def test_values_stand_where_their_names_stood() -> None:
    assert templates.render("{artist} at {venue}", {"artist": "X", "venue": "Y"}) == "X at Y"


def test_brackets_with_an_empty_value_are_left_out_whole() -> None:
    assert templates.render("{artist}[, {venue}].", {"artist": "X", "venue": ""}) == "X."
    assert templates.render("{artist}[, {venue}].", {"artist": "X", "venue": "Y"}) == "X, Y."


def test_braces_in_values_stay_as_they_are() -> None:
    assert templates.render("[{artist}]!", {"artist": "{link}[{venue}]"}) == "{link}[{venue}]!"


@pytest.mark.parametrize(
    ("template", "place", "reason"),
    [
        ("", 0, MistakeReason.EMPTY),
        (" \n", 0, MistakeReason.EMPTY),
        ("Hi {artits}", 4, MistakeReason.UNKNOWN_VARIABLE),
        ("{}", 1, MistakeReason.UNKNOWN_VARIABLE),
        ("{artist", 1, MistakeReason.UNBALANCED),
        ("artist}", 7, MistakeReason.UNBALANCED),
        ("{{artist}}", 1, MistakeReason.UNBALANCED),
        ("[{artist}", 1, MistakeReason.UNBALANCED),
        ("{artist}]", 9, MistakeReason.UNBALANCED),
        ("[{artist}[ {venue}]]", 10, MistakeReason.NESTED),
        ("a [b] {artist}", 3, MistakeReason.NEVER_LEFT_OUT),
    ],
)
def test_a_mistake_is_named_with_its_place(template: str, place: int, reason: MistakeReason) -> None:
    """REQ-002: an unknown template variable is an error when the template is linted."""
    first = templates.lint(template, ALLOWED)[0]

    assert (first.place, first.reason) == (place, reason)
    assert first.fix


def test_a_sound_template_has_no_mistakes() -> None:
    assert templates.lint("{artist}[, {venue}]: {link}", ALLOWED) == ()


def test_every_mistake_is_told_not_only_the_first() -> None:
    assert len(templates.lint("{a} {b} }", ALLOWED)) == 3


PAYLOADS = [
    f"{opening}{inner}{closing}"
    for opening, closing in (
        ("{", "}"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("${", "}"),
        ("#{", "}"),
        ("<%=", "%>"),
        ("[", "]"),
    )
    for inner in (
        "artist.__class__",
        "artist.__init__.__globals__",
        "artist.__init__.__code__.co_consts",
        "artist[0]",
        "artist!r",
        "artist:>999999999",
        "0",
        "self",
        "config",
        "request.application",
        "cycler.__init__.__globals__.os.popen('id')",
        "''.__class__.__mro__[1].__subclasses__()",
        "env `HOME`",
        "7*7",
        "range(9999999)",
        "lipsum|attr('__globals__')",
        "import os",
        "artist ",
        " artist",
        "ARTIST",
        "artist\n",
        "artist,venue",
        "artist|safe",
        "artist}{link.__doc__",
        "\u0430rtist",
        "artist\0",
        "__import__('os')",
        "foo.bar.baz",
        "%(artist)s",
    )
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_refused_or_stays_the_text_it_is(payload: str) -> None:
    values = {"artist": "X", "venue": "Y", "link": "Z"}

    if templates.lint(payload, ALLOWED):
        with pytest.raises(ValueError, match="cannot be rendered"):
            templates.render(payload, values)
    else:
        assert templates.render(payload, values) == payload


def test_there_are_about_two_hundred_payloads() -> None:
    assert len(PAYLOADS) >= 200


@given(st.text("{}[]artisvenulk .", max_size=60), NAMES)
def test_what_lint_accepts_renders_and_what_it_refuses_does_not(template: str, name: str) -> None:
    values: dict[str, str] = dict.fromkeys(ALLOWED, name)
    sound = not [m for m in templates.lint(template, ALLOWED) if m.reason is not MistakeReason.EMPTY]

    if sound:
        templates.render(template, values)
    else:
        with pytest.raises(ValueError, match="cannot be rendered"):
            templates.render(template, values)


@given(NAMES)
def test_a_cleaned_value_is_one_visible_line(value: str) -> None:
    cleaned = templates.clean(value)

    kinds = {unicodedata.category(character) for character in cleaned if character not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(cleaned) <= templates.VALUE_CHARACTERS_MAX
    assert cleaned == cleaned.strip()
    assert templates.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("AC/DC", "AC/DC"),
        ("will.i.am", "will.i.am"),
        ("Dr. Dre & St.Vincent, Vol.2", "Dr. Dre & St.Vincent, Vol.2"),
        ("M.I.A.", "M.I.A."),
        ("  two\r\nlines\t ", "two lines"),
        ("\u202eabc\u202c", "abc"),
        ("👩‍👧 band", "👩‍👧 band"),
        ("http://evil.com/x", "http evil com/x"),
        ("see HTTPS://EVIL.example now", "see HTTPS EVIL example now"),
        ("www.evil.zz", "www evil zz"),
        ("win at evil.com!", "win at evil com!"),
        ("evil.co.uk/x", "evil co uk/x"),
        ("anything.museum/x", "anything museum/x"),
        ("ev\u200bil.com", "evil com"),
        ("evil。com", "evil com"),
        ("me@evil.com", "me@evil com"),
        ("10.0.0.1:80", "10 0 0 1:80"),
        ("https://unsubscribe.invalid/", "https unsubscribe invalid/"),
    ],
)
def test_a_value_from_outside_is_harmless(value: str, cleaned: str) -> None:
    assert templates.clean(value) == cleaned


@given(st.text(ANY_CHARACTER, max_size=80))
def test_defusing_twice_changes_nothing_more_and_never_lengthens(text: str) -> None:
    defused = templates.defuse(text)

    assert templates.defuse(defused) == defused
    assert len(defused) <= len(text)


@pytest.mark.parametrize(
    ("text", "characters_max", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc..."),
        ("ab, cdefgh", 7, "ab..."),
        ("xxe\u0301\u0302yyyy", 7, "xx..."),
        ("ab👩‍👧cdef", 7, "ab..."),
        ("ab🇨🇦cdefg", 6, "ab..."),
        ("ab👍🏽cdefg", 6, "ab..."),
    ],
)
def test_a_cut_falls_between_graphemes(text: str, characters_max: int, short: str) -> None:
    assert templates.shorten(text, characters_max) == short
