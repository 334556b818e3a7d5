import string

import pytest

from fanfare.model.notification import Reason
from fanfare.rules import why_words
from fanfare.rules.why_words import Cause, Words

DETAILS = frozenset(
    {"wake", "opens", "send", "sent", "ended", "reason", "paused", "attempts", "code", "suppressed", "unscheduled"}
)
EVERY = [pytest.param(why_words.of_cause(cause), id=f"cause-{cause}") for cause in Cause] + [
    pytest.param(why_words.of_reason(reason), id=f"reason-{reason}") for reason in Reason
]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("words", EVERY)
def test_each_answer_is_said_to_both_and_in_both_languages(words: Words) -> None:
    assert all((words.operator, words.english, words.french))
    assert words.english != words.french


@pytest.mark.parametrize("words", EVERY)
def test_words_name_known_details_only_and_none_to_the_fan(words: Words) -> None:
    assert names_in(words.operator) <= DETAILS
    assert not names_in(words.english) | names_in(words.french)


def test_no_two_causes_are_told_alike_to_the_operator() -> None:
    told = [why_words.of_cause(cause).operator for cause in Cause]

    assert len(set(told)) == len(told)
