"""Email addresses in, one spelling out, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import emails


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("fan@example.test", "fan@example.test"),
        (" Zoe.B+tag@Example.TEST ", "zoe.b+tag@example.test"),
        ("fan@exämple.test", "fan@xn--exmple-cua.test"),
        ("fan@XN--EXMPLE-CUA.test", "fan@xn--exmple-cua.test"),
        ("o'brien@mail.example.test", "o'brien@mail.example.test"),
        (f"{'l' * 64}@example.test", f"{'l' * 64}@example.test"),
    ],
)
def test_bare_addresses_get_one_spelling(written: str, address: str) -> None:
    assert emails.normalise(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "Zoe <zoe@example.test>",
        "<zoe@example.test>",
        "zoe@example.test, ann@example.test",
        '"zoe b"@example.test',
        "zoe(comment)@example.test",
        "zoe@example.test\r\nBcc: ann@example.test",
        "zoe@example.test\n",
        "zoe\t@example.test",
        "zoe\u2028@example.test",
        "zoé@example.test",
        "zoe@[192.0.2.1]",
        "zoe@192.0.2.1",
        "zoe@localhost",
        "zoe@-example.test",
        "zoe@example-.test",
        "zoe@exa_mple.test",
        "zoe@example..test",
        "zoe@.example.test",
        "zoe@example.test.",
        "zoe.@example.test",
        ".zoe@example.test",
        "z..oe@example.test",
        "zoe@ann@example.test",
        "@example.test",
        "zoe@",
        "zoe",
        "",
        f"{'l' * 65}@example.test",
        f"zoe@{'d' * 64}.test",
        f"zoe@{'ä' * 64}.test",
        f"zoe@{'d.' * 130}test",
        f"zoe@{'ä.' * 60}test",
    ],
)
def test_everything_else_is_refused(written: str) -> None:
    assert emails.normalise(written) is None


@given(st.text(max_size=80) | st.emails())
def test_what_comes_out_fits_a_header_and_stays_as_it_is(written: str) -> None:
    address = emails.normalise(written)

    if address is not None:
        assert address.isascii()
        assert address.isprintable()
        assert not set(' <>,;:"()[]\\') & set(address)
        assert emails.normalise(address) == address
