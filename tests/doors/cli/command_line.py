"""Running the real command line, in this process and in one of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from fanfare.doors.cli.app import app

Json = Any
"""A JSON document."""


def run(*words: str | Path, data: Path | None = None, stdin: str | bytes | None = None) -> Result:
    """Run one command; ``data`` becomes ``--data``."""
    given = [str(word) for word in words] + (["--data", str(data)] if data else [])
    return CliRunner().invoke(app, given, input=stdin)


def answer(*words: str | Path, data: Path | None = None, code: int = 0, stdin: str | bytes | None = None) -> Json:
    """Run one command with ``--json``; return its document."""
    result = run(*words, "--json", data=data, stdin=stdin)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def error_of(result: Result) -> str:
    """Return the one line that an error is."""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert " Fix: " in line
    return line


def process(*words: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run one command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANFARE_")}
    return subprocess.run(
        [sys.executable, "-m", "fanfare", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
        timeout=60,
    )
