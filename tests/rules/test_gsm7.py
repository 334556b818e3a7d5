import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import gsm7
from fanfare.rules.gsm7 import Encoding, SmsSize
from tests.rules.wording_samples import ANY_CHARACTER

# Heavy in what GSM-7 has, so that each encoding and each width turns up.
TEXTS = st.one_of(
    st.text(ANY_CHARACTER, max_size=400),
    st.text(gsm7.BASIC, max_size=400),
    st.text("a€{", max_size=400),
    st.text("aê😀", max_size=300),
)


def slow_segments(widths: list[int], single_max: int, part_max: int) -> int:
    """Fill parts one by one, as a phone would read them."""
    if sum(widths) <= single_max:
        return 1
    parts: list[list[int]] = [[]]
    for width in widths:
        if sum(parts[-1]) + width > part_max:
            parts.append([])
        parts[-1].append(width)
    return len(parts)


def slow_size(text: str) -> SmsSize:
    if all(character in gsm7.BASIC or character in gsm7.EXTENSION for character in text):
        widths = [1 if character in gsm7.BASIC else 2 for character in text]
        return SmsSize(encoding=Encoding.GSM7, units=sum(widths), segments=slow_segments(widths, 160, 153))
    widths = [len(character.encode("utf-16-be", "surrogatepass")) // 2 for character in text]
    return SmsSize(encoding=Encoding.UCS2, units=sum(widths), segments=slow_segments(widths, 70, 67))


def test_the_tables_have_the_size_of_the_standard() -> None:
    assert len(set(gsm7.BASIC)) == 127  # 128 places less the escape
    assert len(set(gsm7.EXTENSION)) == 10
    assert not set(gsm7.BASIC) & set(gsm7.EXTENSION)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", Encoding.GSM7, 0, 1),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("€" * 81, Encoding.GSM7, 162, 2),
        ("a" * 152 + "€" + "a" * 10, Encoding.GSM7, 164, 2),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 306, 3),  # the pair moves over, and one letter with it
        ("ê" * 70, Encoding.UCS2, 70, 1),
        ("ê" * 71, Encoding.UCS2, 71, 2),
        ("ê" * 134, Encoding.UCS2, 134, 2),
        ("ê" * 135, Encoding.UCS2, 135, 3),
        ("😀" * 35, Encoding.UCS2, 70, 1),
        ("😀" * 36, Encoding.UCS2, 72, 2),
        ("😀" * 67, Encoding.UCS2, 134, 3),  # 33 pairs to a part: one unit stays empty
        ("é è à ù É Ç ä ö ü ñ ò ì", Encoding.GSM7, 23, 1),
        ("ç", Encoding.UCS2, 1, 1),
        ("`", Encoding.UCS2, 1, 1),
        ("\t", Encoding.UCS2, 1, 1),
        ("\x1b", Encoding.UCS2, 1, 1),
        ("^{}\\[~]|€\f", Encoding.GSM7, 20, 1),
    ],
)
def test_a_text_is_measured_as_the_standard_says(text: str, encoding: Encoding, units: int, segments: int) -> None:
    assert gsm7.inspect(text) == SmsSize(encoding=encoding, units=units, segments=segments)


@given(TEXTS)
def test_inspect_agrees_with_a_slow_reference(text: str) -> None:
    assert gsm7.inspect(text) == slow_size(text)


@given(st.one_of(st.text(gsm7.BASIC + gsm7.EXTENSION, min_size=1, max_size=500), st.text("aê😀", min_size=1)))
def test_inspect_agrees_with_another_library(text: str) -> None:
    smsutil: Any = pytest.importorskip("smsutil", reason="smsutil, an independent reckoning of segments, is missing")

    size = gsm7.inspect(text)
    split = smsutil.split(text)

    assert (size.encoding is Encoding.GSM7) is (split.encoding == "gsm0338")
    assert size.segments == len(split.parts)
    assert size.units == split.total_bytes // (1 if size.encoding is Encoding.GSM7 else 2)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Beyoncé, Mötley Crüe, Sigur Rós", "Beyoncé, Mötley Crüe, Sigur Ros"),
        ("Céline à l\u2019Étoile \u2013 « été »…", 'Céline à l\'Étoile - " été "...'),
        ("19\u202fh\u00a030", "19 h 30"),
        ("août", "aout"),
        ("e\u0301te\u0301", "été"),
        ("Cœur de pirate, ŒUVRE", "Coeur de pirate, OEUVRE"),
        ("Łódź \u0131stanbul Đuro Þór", "Lodz istanbul Duro Thor"),
        ("ça, À, È, Ê, Ô, û, ë", "ca, A, E, E, O, u, e"),
        ("Citi® Presale™", "Citi Presale"),
        ("ＡＢＣ １２３", "ABC 123"),  # noqa: RUF001
        ("Дорн", "Dorn"),
        ("κόσμος", "kosmos"),
        ("米津玄師", "MiJinXuanShi"),
        ("🔥 live 🔥", " live "),
        ("a\u200bb\u202ec\0d\x1b", "abcd"),
        ("one\ttwo\u2028three", "one two three"),
        ("`tick\u00b4", "'tick'"),
        ("{x} [y] ~ | ^ \\ €", "{x} [y] ~ | ^ \\ €"),
        ("\ud800", ""),
    ],
)
def test_only_what_gsm7_lacks_is_changed(text: str, folded: str) -> None:
    assert gsm7.fold(text) == folded


def test_every_accent_goes_where_the_sender_wants_it_so() -> None:
    assert gsm7.fold("Beyoncé, Mötley Crüe, Ångström, ÑÇ", strip_accents=True) == "Beyonce, Motley Crue, Angstrom, NC"


@given(text=TEXTS, strip=st.booleans())
def test_a_folded_text_is_gsm7_and_folding_again_changes_nothing(text: str, *, strip: bool) -> None:
    folded = gsm7.fold(text, strip_accents=strip)

    assert gsm7.GSM7.issuperset(folded)
    assert gsm7.fold(folded, strip_accents=strip) == folded


@given(st.text(gsm7.BASIC + gsm7.EXTENSION, max_size=300))
def test_what_is_gsm7_already_is_left_alone(text: str) -> None:
    assert gsm7.fold(text) == text
    assert gsm7.fold(unicodedata.normalize("NFD", text)) == text


@given(st.text(gsm7.BASIC + gsm7.EXTENSION, max_size=300))
def test_septets_are_what_inspect_counts(text: str) -> None:
    assert gsm7.septets(text) == gsm7.inspect(text).units
