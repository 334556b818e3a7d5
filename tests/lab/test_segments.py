import pytest

from fanfare.lab import segments


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 10, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("\N{PARTY POPPER}" * 35, 1),
        ("\N{PARTY POPPER}" * 36, 2),
        ("é" * 160, 1),
        ("ç" * 71, 2),
    ],
)
def test_a_text_is_cut_as_the_standard_says(body: str, expected: int) -> None:
    assert segments.count(body) == expected
