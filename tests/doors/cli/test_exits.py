"""How a command ends."""

import errno
import os

import pytest

from fanfare.doors.cli import exits
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.ports.faults import Conflict, Fault, Permanent, Transient


@pytest.mark.parametrize(
    ("fault", "line", "code"),
    [
        (Permanent("no store; run: fanfare init"), "error: no store. Fix: run: fanfare init.", ExitCode.REFUSED),
        (Permanent("the key\nis wrong"), "error: the key is wrong. Fix: run 'fanfare doctor' to see what is wrong.",
         ExitCode.REFUSED),
        (Transient("locked"), "error: locked. Fix: try again in a moment.", ExitCode.UNREACHABLE),
        (Transient("over quota", retry_after_seconds=90.4), "error: over quota. Fix: try again in 90 s.",
         ExitCode.UNREACHABLE),
        (Conflict(), "error: Conflict. Fix: run 'fanfare doctor' to see what is wrong.", ExitCode.REFUSED),
    ],
)  # fmt: skip
def test_a_fault_becomes_one_line_with_its_fix(fault: Fault, line: str, code: ExitCode) -> None:
    error = exits.from_fault(fault)

    assert (str(error), error.code) == (line, code)


def test_sentences_end_once() -> None:
    assert str(CommandError("Did you mean x?", fix="say so.")) == "error: Did you mean x? Fix: say so."


def test_exit_codes_stay_what_scripts_rely_on() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0, "FINDINGS": 1, "USAGE": 2, "NOT_FOUND": 3, "REFUSED": 4, "UNREACHABLE": 5, "INTERNAL": 70,
        "INTERRUPTED": 130,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "fix", "code"),
    [
        (errno.EROFS, "writable", ExitCode.REFUSED),
        (errno.EACCES, "writable", ExitCode.REFUSED),
        (errno.ENOSPC, "make room", ExitCode.REFUSED),
        (errno.EIO, "--debug", ExitCode.INTERNAL),
    ],
)
def test_what_the_person_at_the_machine_can_mend_was_called_our_defect(number: int, fix: str, code: ExitCode) -> None:
    error = exits.from_system(OSError(number, os.strerror(number), "/srv/night/serve.lock"))

    assert fix in error.fix
    assert "/srv/night/serve.lock" in error.what
    assert error.code is code
