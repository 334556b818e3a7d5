"""Phone numbers in, E.164 out, or nothing."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import phones

PLACED = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+12125550123", "+12125550123"),
        ("+1 (514) 555-0123", "+15145550123"),
        ("1-514-555-0123", "+15145550123"),
        ("514.555.0123", "+15145550123"),
        ("514\u00a0555\u20110123", "+15145550123"),
        (" 5145550123 ", "+15145550123"),
    ],
)
def test_numbers_of_a_place_are_taken_in_any_usual_form(written: str, e164: str) -> None:
    assert phones.normalise(written, is_national_allowed=True) == e164


@pytest.mark.parametrize(
    "written",
    [
        "+18005550123",  # toll-free
        "+19005550123",  # premium rate
        "+15005550006",  # personal
        "+16005550123",  # satellite and the like
        "+17875550123",  # Puerto Rico
        "+18765550123",  # Jamaica
        "+442071838750",
        "+1212555012",
        "+121255501234",
        "+1 212 555 012",
        "+5145550123",
        "+25145550123",
        "+11235550123",
        "+12121550123",
        "+1212555O123",
        "+1\u0662\u0661\u06625550123",
        "\uff0b12125550123",
        "+1212555\n0123x",
        "+1" + " " * 40 + "2125550123",
        "tel:+12125550123",
        "",
    ],
)
def test_other_numbers_are_none(written: str) -> None:
    assert phones.normalise(written, is_national_allowed=True) is None


def test_a_national_number_needs_a_country() -> None:
    assert phones.normalise("514 555 0123", is_national_allowed=False) is None
    assert phones.normalise("+1 514 555 0123", is_national_allowed=False) == "+15145550123"


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9999))
def test_it_says_what_the_library_says(area: int, exchange: int, line: int) -> None:
    e164 = f"+1{area}{exchange}{line:04d}"
    number = phonenumbers.parse(e164)
    is_placed = (
        phonenumbers.is_valid_number(number)
        and phonenumbers.region_code_for_number(number) in {"US", "CA"}
        and phonenumbers.number_type(number) in PLACED
    )

    assert (phones.normalise(e164, is_national_allowed=False) == e164) is is_placed


@given(st.text(max_size=40))
def test_what_comes_out_is_e164_or_nothing(written: str) -> None:
    e164 = phones.normalise(written, is_national_allowed=True)

    assert e164 is None or (len(e164) == 12 and e164.isascii() and e164[1:].isdigit())


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+14155550123", ("America/Los_Angeles",)),
        ("+15145550123", ("America/Toronto",)),
        ("+17095550123", ("America/Halifax", "America/St_Johns")),
        ("+15005550006", ()),  # no place
        ("+17105550123", ()),  # no such area
    ],
)
def test_a_number_tells_the_zones_of_its_place(e164: str, zones: tuple[str, ...]) -> None:
    assert phones.zones(e164) == zones


@given(st.sampled_from(["+1212555", "+1850555", "+1541555", "+1807555"]), st.integers(0, 9999), st.integers(0, 9999))
def test_the_last_four_digits_tell_nothing_more(prefix: str, one: int, other: int) -> None:
    assert phones.zones(f"{prefix}{one:04d}") == phones.zones(f"{prefix}{other:04d}")


def test_a_country_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="ZZ"):
        phones.geographic_pattern("ZZ")
