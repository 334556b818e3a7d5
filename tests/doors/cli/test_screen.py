"""What a person reads obeys nobody but us."""

from collections.abc import Callable

import pytest

from fanfare.doors.cli import screen

HOSTILE = "Band\x1b[31m\x1b]0;pwned\x07 \x9b2J\u202elive\u2028\r!"


def in_a_table(text: str) -> None:
    screen.table(["event"], [[text]])


@pytest.mark.parametrize("write", [screen.line, screen.note, in_a_table])
def test_a_name_of_an_event_commanded_the_terminal_and_is_only_shown(
    write: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write(HOSTILE)

    written = "".join(capsys.readouterr())
    assert "Band" in written
    assert not set(written) & set("\x1b\x07\x9b\u202e\u2028\r")


def test_lines_accents_and_pictures_stay_as_they_are() -> None:
    text = "Les Étoiles\n  🎸 à Montréal"

    assert screen.harmless(text) == text
