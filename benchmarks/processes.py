"""Starting and ending the processes that a measurement needs, each by its own pid."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
END_SECONDS = 10


class MissingProgramError(Exception):
    """A program of another maker is not on this machine."""


def program(name: str) -> str:
    """Return where a program is.

    Raises:
        MissingProgramError: nowhere; the message names the command that installs it.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingProgramError(f"{name} is missing: apt-get install {name}, or leave out what needs it (--only)")
    return found


def module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module with this Python."""
    return [sys.executable, "-m", name, *arguments]


@contextmanager
def talking(command: Sequence[str], *, log: Path) -> Generator[subprocess.Popen[str]]:
    """Run a process whose stdin and stdout are ours; its errors go to a log."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        with _ending(process):
            yield process


@contextmanager
def running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run a process that talks to nobody; what it says goes to a log."""
    with log.open("w") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            env={**environ, **(environment or {})},
        )  # fmt: skip
        with _ending(process):
            yield process


def line_from(stream: IO[str] | None, process: subprocess.Popen[str], log: Path) -> str:
    """Return the next line that a process says.

    Raises:
        ChildProcessError: it ended instead; the message quotes the end of its log.
    """
    line = stream.readline() if stream else ""
    if not line:
        process.wait(END_SECONDS)
        raise ChildProcessError(f"{process.args} ended with {process.returncode}:\n{log.read_text()[-4000:]}")
    return line


def wait_for(is_so: Callable[[], bool], *, what: str, seconds: float = 30) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it was not in time.
    """
    give_up_at = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{what} within {seconds:g} s")
        time.sleep(0.02)


@contextmanager
def _ending(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Generator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
