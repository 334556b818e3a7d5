"""How fresh an answer is."""

from fanfare.model.answer import AnswerSource


def test_an_answer_says_where_it_came_from() -> None:
    assert {*AnswerSource} == {"cache", "source", "stale"}
