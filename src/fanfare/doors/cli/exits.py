"""How a command ends: the exit codes, and the one line that an error is."""

import errno
from enum import IntEnum

from fanfare.ports.faults import Fault, Transient


class ExitCode(IntEnum):
    """Stable: scripts rely on them. docs/reference/cli.md lists them."""

    OK = 0
    FINDINGS = 1
    """Finished, and found something that wants attention."""
    USAGE = 2
    """The command line, a file or a setting cannot be understood."""
    NOT_FOUND = 3
    REFUSED = 4
    """Understood, but the present state does not allow it."""
    UNREACHABLE = 5
    """A partner, or a store that another process holds, may be there later."""
    INTERNAL = 70
    """A defect of Fanfare itself (EX_SOFTWARE of sysexits)."""
    INTERRUPTED = 130


WRITABLE = "make it writable for this user, and its disk too"
SYSTEM_FIXES = {
    errno.EACCES: WRITABLE,
    errno.EPERM: WRITABLE,
    errno.EROFS: WRITABLE,
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in the quota",
}
"""What the person at the machine can mend."""


class CommandError(Exception):
    """Ends a command with what happened and what to do about it."""

    def __init__(self, what: str, *, fix: str, code: ExitCode = ExitCode.USAGE) -> None:
        """Say what happened and the fix, each without its full stop."""
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        """Return the one line that is written on stderr."""
        return f"error: {_sentence(self.what)} Fix: {_sentence(self.fix)}"


def from_fault(fault: Fault) -> CommandError:
    """Return a port's fault as the end of a command. Faults put the fix behind a semicolon."""
    what, _, fix = " ".join(str(fault).split()).rpartition("; ")
    if isinstance(fault, Transient):
        wait = fault.retry_after_seconds
        later = f"try again in {wait:.0f} s" if wait else "try again in a moment"
        return CommandError(what or fix, fix=fix if what else later, code=ExitCode.UNREACHABLE)
    if not what:
        what, fix = fix, "run 'fanfare doctor' to see what is wrong"
    return CommandError(what or type(fault).__name__, fix=fix, code=ExitCode.REFUSED)


def from_settings(error: Exception) -> CommandError:
    """Return settings that cannot be used as the end of a command; several mistakes stay on one line."""
    mistakes = " | ".join(str(error).splitlines())
    return CommandError(mistakes, fix="mend that line; docs/reference/settings.md lists every key")


def from_system(error: OSError) -> CommandError:
    """Return what the operating system refused as the end of a command."""
    fix = SYSTEM_FIXES.get(error.errno or 0)
    if fix is None:
        return from_defect(error)
    return CommandError(f"{error.filename or 'a file'}: {error.strerror}", fix=fix, code=ExitCode.REFUSED)


def from_defect(error: Exception) -> CommandError:
    """Return what nobody foresaw."""
    return CommandError(
        f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}",
        fix="run it again with --debug and report the traceback",
        code=ExitCode.INTERNAL,
    )


def _sentence(text: str) -> str:
    return text if text.endswith(("?", "!", ".")) else f"{text}."
