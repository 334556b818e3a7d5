from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.lab import forms

names = st.text(alphabet=st.characters(codec="utf-8"), min_size=1)
values = st.text(alphabet=st.characters(codec="utf-8"))


@given(st.dictionaries(names, values))
def test_a_form_comes_back_as_it_was_encoded(form: dict[str, str]) -> None:
    assert forms.parse(urlencode(form).encode()) == form


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert forms.parse(b"a=%ff&b=%zz&=x&c") == {"a": "\ufffd", "b": "%zz", "c": ""}


def test_the_last_of_a_repeated_name_counts() -> None:
    assert forms.parse(f"Body={quote_plus('é')}&Body=x".encode()) == {"Body": "x"}


def test_a_number_is_read_or_its_default_taken() -> None:
    assert forms.whole_number({"limit": "7"}, "limit", 3) == 7
    assert forms.whole_number({"limit": ""}, "limit", 3) == 3
    with pytest.raises(ValueError, match="invalid literal"):
        forms.whole_number({"limit": "seven"}, "limit", 3)
