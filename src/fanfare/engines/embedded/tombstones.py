"""The file of fans whose keys were destroyed: appended to, flushed, and never replaced by a restore."""

import os
from pathlib import Path

from fanfare.model.ids import FanRef

FILE_MODE = 0o600


class Tombstones:
    """One line for each forgotten fan: ref and epoch milliseconds. Other processes append to the same file."""

    def __init__(self, path: Path) -> None:
        """Read the file, or make an empty one."""
        self._path = path
        path.touch(mode=FILE_MODE, exist_ok=True)
        self._read_bytes = 0
        self._destroyed_ms: dict[FanRef, int] = {}
        self.catch_up()

    def catch_up(self) -> tuple[FanRef, ...]:
        """Read what was appended since the last look; return the fans that are new to this process."""
        if self._path.stat().st_size <= self._read_bytes:
            return ()
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            whole, end, _ = file.read().rpartition(b"\n")  # the last line may be half written
        self._read_bytes += len(whole) + len(end)
        new: list[FanRef] = []
        for line in whole.splitlines():
            fan_ref, _, at_ms = line.partition(b" ")
            if fan_ref.isdigit() and at_ms.isdigit() and int(fan_ref) not in self._destroyed_ms:
                new.append(FanRef(int(fan_ref)))
                self._destroyed_ms[new[-1]] = int(at_ms)
        return tuple(new)

    def destroyed_ms(self, fan_ref: FanRef) -> int | None:
        """Return when the fan's key was destroyed, as far as this process has read."""
        return self._destroyed_ms.get(fan_ref)

    def all(self) -> dict[FanRef, int]:
        """Return every forgotten fan with the instant, epoch milliseconds."""
        return dict(self._destroyed_ms)

    def bury(self, fan_ref: FanRef, at_ms: int) -> None:
        """Append a fan; on the disk when this returns. A line that a power cut left half written is ended first."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND)
        try:
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" * is_torn + f"{fan_ref} {at_ms}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        flush_folder(self._path.parent)
        self.catch_up()


def flush_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
