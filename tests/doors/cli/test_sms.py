"""``fanfare sms``."""

import json

import pytest

from tests.doors.cli.command_line import answer, run


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("hello", "GSM-7", 5, 1),
        ("é€", "GSM-7", 3, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("ê", "UCS-2", 1, 1),
        ("\U0001f600" * 36, "UCS-2", 72, 2),
        ("", "GSM-7", 0, 1),
    ],
)
def test_a_text_is_measured(text: str, encoding: str, units: int, segments: int) -> None:
    assert answer("sms", "inspect", text) == {"encoding": encoding, "units": units, "segments": segments}


def test_a_dash_reads_one_text_a_line_and_answers_one_object_a_line() -> None:
    result = run("sms", "inspect", "-", "--json", stdin="hello\r\nê\n\n")

    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"encoding": "GSM-7", "units": 5, "segments": 1},
        {"encoding": "UCS-2", "units": 1, "segments": 1},
        {"encoding": "GSM-7", "units": 0, "segments": 1},
    ]


def test_people_read_a_line() -> None:
    assert run("sms", "inspect", "hello").stdout == "GSM-7  5 units  1 segment(s)\n"


def test_a_text_may_look_like_an_option() -> None:
    assert run("sms", "inspect", "--", "--json").stdout == "GSM-7  6 units  1 segment(s)\n"
