"""The store key's file, outside the data directory and in no backup. Whoever loses it loses every address."""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from fanfare.ports.faults import Permanent

PREFIX = "fanfare-store-key-v1:"
KEY_BYTES = 32
OWNER_ONLY = 0o600
OTHERS = 0o077


def create_key_file(path: Path, secret: bytes) -> None:
    """Write a new key file that only its owner may read. One that exists is never replaced.

    Raises:
        Permanent: there is one already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise Permanent(f"{path} exists; a key that is in use must not be replaced") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{PREFIX}{b64encode(secret).decode()}\n")
        file.flush()
        os.fsync(descriptor)


def read_key_file(path: Path) -> bytes:
    """Return the store key.

    Raises:
        Permanent: no such file, one that others may read, or none of ours; each with its fix.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise Permanent(
            f"there is no key file {path}, and without it no stored address can be read; put it back from where its "
            f"copy was kept, or set FANFARE_KEY_FILE to where it lies now"
        ) from error
    if mode & OTHERS:
        raise Permanent(f"others may read the key file; run: chmod 600 {path}")
    return _decoded(path)


def _decoded(path: Path) -> bytes:
    prefix, found, encoded = path.read_text(encoding="ascii", errors="replace").strip().partition(PREFIX)
    try:
        secret = b64decode(encoded, validate=True)
    except ValueError:
        secret = b""
    if prefix or not found or len(secret) != KEY_BYTES:
        raise Permanent(f"{path} is not a Fanfare key file")
    return secret
