"""``fanfare lab``: the sample settings speak to it; it is tried by running it in ``test_message.py`` too."""

import socket
from pathlib import Path

import pytest

from fanfare.doors.cli import init, lab
from tests.doors.cli.command_line import error_of, run


def test_the_sample_settings_speak_to_its_ports() -> None:
    sample = init.SAMPLE.read_text(encoding="utf-8")

    assert f'base_url = "http://127.0.0.1:{lab.PORT}"' in sample
    assert f"port = {lab.SMTP_PORT}\n" in sample


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("lab", "--port", port, "--smtp-port", "0", "--ledger", tmp_path / "l.ndjson", "--json")

    assert (result.exit_code, "choose others with --port" in error_of(result)) == (2, True)


@pytest.mark.parametrize("words", [["--faults", "nonsense=1"], ["--world", "mars"]])
def test_what_it_cannot_be_is_told(words: list[str], tmp_path: Path) -> None:
    result = run("lab", "--port", "0", "--smtp-port", "0", "--ledger", tmp_path / "l.ndjson", "--json", *words)

    assert result.exit_code == 2
    assert error_of(result)
