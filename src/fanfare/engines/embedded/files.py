"""Making, checking and upgrading the engine's files."""

from collections.abc import Callable
from pathlib import Path

from fanfare.engines.embedded import sql
from fanfare.engines.embedded.database import Database, Tx
from fanfare.ports.faults import Permanent

STORE_FILE = "store.db"
VAULT_FILE = "vault.db"
TOMBSTONES_FILE = "tombstones"
BACKUPS_FOLDER = "backups"
APPLICATION_IDS = {"store": 0x46414E31, "vault": 0x46414E32}
"""``FAN1``, ``FAN2``: so that ``file`` and we can tell whose a file is."""


def newest(kind: str) -> int:
    """Return the number of the newest migration of a kind of file, its schema's version."""
    return sql.migrations(kind)[-1][0]


def create(path: Path, kind: str, *, flush: bool = True) -> Database:
    """Make a new file and open it.

    Raises:
        Permanent: it exists.
    """
    if path.exists():
        raise Permanent(f"{path} exists already")
    path.touch(mode=0o600)
    database = _database(path, kind, flush=flush)

    def work(tx: Tx) -> None:
        tx.run(sql.schema(kind))
        tx.run(f"PRAGMA application_id = {APPLICATION_IDS[kind]}")
        tx.run(f"PRAGMA user_version = {newest(kind)}")

    database.write(work)
    return database


def open_existing(path: Path, kind: str, *, flush: bool = True) -> Database:
    """Open a file of the present version.

    Raises:
        Permanent: it is missing, not ours, of a newer version, or of an older one; each with its fix.
    """
    database, version = _opened(path, kind, flush=flush)
    if version < newest(kind):
        database.close()
        raise Permanent(f"{path} has schema {version} of {newest(kind)}; stop the server and run: fanfare db upgrade")
    return database


def upgrade(path: Path, kind: str) -> tuple[int, ...]:
    """Run the migrations that a file lacks, each in one transaction; return their numbers."""
    database, version = _opened(path, kind)
    missing = [(number, text) for number, text in sql.migrations(kind) if number > version]
    try:
        for number, text in missing:
            database.write(_migration(number, text))
    finally:
        database.close()
    return tuple(number for number, _ in missing)


def _migration(number: int, text: str) -> Callable[[Tx], None]:
    def work(tx: Tx) -> None:
        tx.run(text)
        tx.run(f"PRAGMA user_version = {number}")

    return work


def _opened(path: Path, kind: str, *, flush: bool = True) -> tuple[Database, int]:
    if not path.exists():
        raise Permanent(f"there is no {path}; run: fanfare init")
    database = _database(path, kind, flush=flush)
    version: int = database.value("PRAGMA user_version")
    if database.value("PRAGMA application_id") != APPLICATION_IDS[kind]:
        database.close()
        raise Permanent(f"{path} is not a Fanfare {kind}")
    if version > newest(kind):
        database.close()
        raise Permanent(
            f"{path} was written by a newer Fanfare (schema {version}; this one knows {newest(kind)}); "
            f"install that version, or restore a backup of this one"
        )
    return database, version


def _database(path: Path, kind: str, *, flush: bool) -> Database:
    return Database(path, flush=flush, secure_delete=kind == "vault")
