"""Distance between spellings agrees with its definition."""

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.rules import spelling

WORD = st.text(alphabet="abc", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("presale", "presale", 0),
        ("preale", "presale", 1),
        ("preasle", "presale", 1),
        ("presales", "presale", 1),
        ("prozale", "presale", 2),
        ("", "ab", 2),
    ],
)
def test_slips_are_counted(one: str, other: str, apart: int) -> None:
    assert spelling.distance(one, other, distance_max=3) == apart


@given(WORD, WORD, st.integers(0, 7))
def test_it_is_the_plain_definition_cut_off_at_the_bound(one: str, other: str, distance_max: int) -> None:
    assert spelling.distance(one, other, distance_max=distance_max) == min(defined(one, other), distance_max + 1)


def test_endless_names_cost_their_length_and_not_its_square() -> None:
    looked_at = 0

    class Letter(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal looked_at
            looked_at += 1
            return str.__eq__(self, str(other))

        def __ne__(self, other: object) -> bool:
            return not self == other

        __hash__ = str.__hash__

    class Word(str):
        __slots__ = ()

        def __iter__(self) -> Iterator[str]:
            return map(Letter, str(self))

    assert spelling.distance(Word("presale " * 100), "presale " * 100, distance_max=2) == 0
    assert looked_at < 800 * 5 * 3


@given(WORD, WORD)
def test_it_is_the_same_both_ways(one: str, other: str) -> None:
    assert spelling.distance(one, other, distance_max=7) == spelling.distance(other, one, distance_max=7)


@cache
def defined(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    ways = [
        defined(one[:-1], other) + 1,
        defined(one, other[:-1]) + 1,
        defined(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if one[-2:] == other[-2:][::-1] and min(len(one), len(other)) >= 2:
        ways.append(defined(one[:-2], other[:-2]) + 1)
    return min(ways)
