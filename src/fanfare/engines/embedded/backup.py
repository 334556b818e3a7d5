"""Backups, restores and upgrades of a data directory.

``backups/<instant>/`` holds ``store.db`` and, for 7 days, ``vault.db``: after that no copy of a forgotten fan's key is
left. The tombstones are never copied back. A restored engine starts paused, because what it believes about sends that
happened after the backup is old; its key file is nobody's business here.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (apsw's stubs lean on a Buffer type that Python 3.11 lacks)

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from fanfare.engines.embedded import carry_over, files, locks
from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.fan_keys import FanKeys
from fanfare.engines.embedded.files import BACKUPS_FOLDER, STORE_FILE, TOMBSTONES_FILE, VAULT_FILE
from fanfare.engines.embedded.switches import Switches
from fanfare.engines.embedded.tombstones import Tombstones, flush_folder
from fanfare.engines.embedded.vault import KEY_BACKUP_DAYS
from fanfare.ports.faults import Permanent

NAME_FORMAT = "%Y%m%dT%H%M%S.%fZ"
PART = ".part"
"""Ending of a folder that is not whole yet, or never will be."""
PAGES_PER_STEP = 1_000
"""4 MB at a time: writers wait for no more than one step."""


def backup(data_dir: Path, now: datetime) -> Path:
    """Copy both files while others read and write; return the folder, named by the instant.

    Raises:
        Permanent: there is no data directory, the disk is full, or the copy is damaged.
    """
    name = now.astimezone(UTC).strftime(NAME_FORMAT)
    whole = data_dir / BACKUPS_FOLDER / name
    part = whole.with_name(name + PART)
    part.mkdir(parents=True, mode=0o700)
    try:
        for file in (STORE_FILE, VAULT_FILE):
            _copy(data_dir / file, part / file)
        part.rename(whole)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)  # it may hold keys
        raise
    flush_folder(whole.parent)
    return whole


def names(data_dir: Path) -> tuple[str, ...]:
    """Return the backups that can be restored, newest first."""
    found = [file.parent for file in (data_dir / BACKUPS_FOLDER).glob(f"*/{STORE_FILE}")]
    whole = (folder.name for folder in found if not folder.name.endswith(PART) and _made_at(folder))
    return tuple(sorted(whole, reverse=True))


def restore(data_dir: Path, name: str) -> None:
    """Put a backup in the place of the present files, and pause sending. The present store is kept as ``store.db.old``.

    A backup whose keys were deleted by their age restores the store only. Keys of fans who were forgotten since are
    destroyed again, and opt-outs of the present store are taken over where it can be read. All of that happens to a
    copy, which takes the present store's place when it is ready.

    Raises:
        Permanent: a server runs, or there is no such backup, or it is damaged.
    """
    folder = data_dir / BACKUPS_FOLDER / name
    if name not in names(data_dir):
        raise Permanent(f"there is no backup {name} of {data_dir}; it has: {', '.join(names(data_dir)) or 'none'}")
    with locks.alone(data_dir):
        fresh = {file: _fresh(folder / file, data_dir / file) for file in (STORE_FILE, VAULT_FILE)
                 if (folder / file).exists()}  # fmt: skip
        _empty_log(data_dir / STORE_FILE)
        store, vault = fresh[STORE_FILE], fresh.get(VAULT_FILE, data_dir / VAULT_FILE)
        files.upgrade(store, "store")
        files.upgrade(vault, "vault")
        _settle(store, vault, data_dir, f"restored from backup {name}: compare with the provider, then resume")
        for file, path in fresh.items():
            _replace(path, data_dir / file)


def upgrade(data_dir: Path) -> tuple[int, ...]:
    """Bring both files to the present version; return the numbers of the migrations that ran.

    Raises:
        Permanent: a server runs, or a file is of a newer version.
    """
    with locks.alone(data_dir):
        return upgrade_held(data_dir)


def upgrade_held(data_dir: Path) -> tuple[int, ...]:
    """Do the same for who holds the directory alone already."""
    return (*files.upgrade(data_dir / STORE_FILE, "store"), *files.upgrade(data_dir / VAULT_FILE, "vault"))


def expire_key_backups(data_dir: Path, now: datetime) -> int:
    """Delete copies of the vault that are older than 7 days, those of unfinished backups too; return how many."""
    old = [
        file
        for file in (data_dir / BACKUPS_FOLDER).glob(f"*/{VAULT_FILE}")
        if (made_at := _made_at(file.parent)) and made_at < now - timedelta(days=KEY_BACKUP_DAYS)
    ]
    for file in old:
        _overwrite(file)
        file.unlink()
    return len(old)


def _copy(source: Path, target: Path) -> None:
    """Copy a file that is in use, page by page, and prove the copy."""
    reader = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
    writer = apsw.Connection(str(target))
    try:
        target.chmod(0o600)
        with writer.backup("main", reader, "main") as steps:
            while not steps.done:
                steps.step(PAGES_PER_STEP)
        writer.execute("PRAGMA journal_mode = DELETE")  # a copy is one file, without a log beside it
    except apsw.FullError as error:
        raise Permanent(f"the disk that holds {target.parent.parent} is full; make room") from error
    finally:
        writer.close()
        reader.close()
    _check(target)
    _flush(target)


def _check(path: Path) -> None:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found: list[Any] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except apsw.Error as error:
        raise Permanent(f"{path} is damaged: {error}") from error
    finally:
        connection.close()
    if found != [("ok",)]:
        raise Permanent(f"{path} is damaged: {found[0][0]}")


def _fresh(source: Path, target: Path) -> Path:
    """Check a file of a backup and lay a copy of it beside its place.

    Raises:
        Permanent: it is damaged.
    """
    _check(source)
    fresh = target.with_suffix(".restoring")
    for leftover in (fresh, *_logs(fresh)):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(source, fresh)
    fresh.chmod(0o600)
    return fresh


def _replace(fresh: Path, target: Path) -> None:
    """Put a copy in a file's place so that a crash leaves the old or the new one, never a mixture."""
    _flush(fresh)
    _empty_log(target)
    for log in _logs(target):
        log.unlink(missing_ok=True)
    if target.name == STORE_FILE and target.exists():
        former = target.with_name(f"{STORE_FILE}.old")
        former.touch(mode=0o600)
        former.chmod(0o600)
        shutil.copyfile(target, former)
    fresh.rename(target)
    flush_folder(target.parent)


def _logs(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _empty_log(path: Path) -> None:
    """Move what the log still holds into the file, which is about to be replaced but may be kept as the old one.

    A file that is too damaged for it is what a restore is for.
    """
    if path.exists():
        with suppress(apsw.Error):
            connection = apsw.Connection(str(path))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def _settle(store_path: Path, vault_path: Path, data_dir: Path, reason: str) -> None:
    forgotten = Tombstones(data_dir / TOMBSTONES_FILE).all()
    store, vault = Database(store_path), Database(vault_path, secure_delete=True)
    try:
        if not carry_over.opt_outs(data_dir / STORE_FILE, store):
            reason += "; opt-outs since the backup could not be read from the former store"
        carry_over.erasures(forgotten, store)
        Switches(store).pause(reason)
        FanKeys(vault).destroy(forgotten)
    finally:
        store.close()
        vault.close()


def _made_at(folder: Path) -> datetime | None:
    try:
        return datetime.strptime(folder.name.removesuffix(PART), NAME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
