"""Who may use a data directory at the same time: any number of servers and commands, or one restore or upgrade."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fanfare.ports.faults import Permanent

FILE = "serve.lock"


@contextmanager
def serving(data_dir: Path) -> Generator[None]:
    """Hold the directory as one of many. The lock dies with the process.

    Raises:
        Permanent: it is being restored or upgraded.
    """
    with _held(data_dir, fcntl.LOCK_SH, "is being restored or upgraded; wait until that has ended"):
        yield


@contextmanager
def alone(data_dir: Path) -> Generator[None]:
    """Hold the directory alone.

    Raises:
        Permanent: a server runs, or another restore or upgrade does.
    """
    with _held(data_dir, fcntl.LOCK_EX, "is in use; stop the server first"):
        yield


@contextmanager
def _held(data_dir: Path, how: int, refusal: str) -> Generator[None]:
    descriptor = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Permanent(f"{data_dir} {refusal}") from error
        yield
    finally:
        os.close(descriptor)
