"""Files: made whole, checked when opened, brought forward by numbered migrations."""

from pathlib import Path

import pytest

from fanfare.engines.embedded import files, sql
from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.faults import Permanent

KINDS = ("store", "vault")


def objects(database: Database) -> set[tuple[str, str, str]]:
    """Every table and index, its text freed from what layout and comments add."""
    rows = database.rows("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {(kind, name, _plain(text)) for kind, name, text in rows}


def _plain(text: str) -> str:
    return " ".join(word for line in text.splitlines() for word in line.partition("--")[0].split())


def at_version(path: Path, kind: str, version: int) -> None:
    """Make a file as an older Fanfare left it."""
    database = Database(path)
    for number, text in sql.migrations(kind):
        if number <= version:
            database.write(lambda tx, text=text: tx.run(text))
    database.rows(f"PRAGMA application_id = {files.APPLICATION_IDS[kind]}")
    database.rows(f"PRAGMA user_version = {version}")
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_migrations_lead_to_the_schema(tmp_path: Path, kind: str) -> None:
    fresh = files.create(tmp_path / "fresh.db", kind)
    at_version(tmp_path / "old.db", kind, 1)
    assert files.upgrade(tmp_path / "old.db", kind) == tuple(number for number, _ in sql.migrations(kind)[1:])
    upgraded = files.open_existing(tmp_path / "old.db", kind)

    assert objects(upgraded) == objects(fresh)
    assert files.upgrade(tmp_path / "old.db", kind) == ()
    fresh.close()
    upgraded.close()


@pytest.mark.parametrize("kind", KINDS)
def test_migrations_are_numbered_without_gaps(kind: str) -> None:
    numbers = [number for number, _ in sql.migrations(kind)]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_file_of_a_newer_version_is_refused_with_the_fix(engine: EmbeddedEngine, data_dir: Path) -> None:
    engine.store.rows(f"PRAGMA user_version = {files.newest('store') + 1}")

    with pytest.raises(Permanent, match=r"newer Fanfare.*install that version"):
        files.open_existing(data_dir / "store.db", "store")
    with pytest.raises(Permanent, match="newer Fanfare"):
        files.upgrade(data_dir / "store.db", "store")


def test_a_file_of_an_older_version_asks_for_the_upgrade(tmp_path: Path) -> None:
    at_version(tmp_path / "store.db", "store", 1)

    with pytest.raises(Permanent, match="fanfare db upgrade"):
        files.open_existing(tmp_path / "store.db", "store")


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    Database(tmp_path / "other.db").rows("PRAGMA user_version = 1")

    with pytest.raises(Permanent, match="not a Fanfare store"):
        files.open_existing(tmp_path / "other.db", "store")


def test_a_vault_is_no_store(engine: EmbeddedEngine, data_dir: Path) -> None:
    assert engine.key_store.path == data_dir / "vault.db"

    with pytest.raises(Permanent, match="not a Fanfare store"):
        files.open_existing(data_dir / "vault.db", "store")


def test_what_is_no_database_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("hello, I am a text file and not a database " * 100)

    with pytest.raises(Permanent):
        files.open_existing(tmp_path / "store.db", "store")


def test_a_missing_file_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="fanfare init"):
        files.open_existing(tmp_path / "store.db", "store")


def test_a_store_is_never_made_twice(engine: EmbeddedEngine, data_dir: Path, key_file: Path) -> None:
    assert engine.data_dir == data_dir

    with pytest.raises(Permanent, match="exists"):
        EmbeddedEngine.create(data_dir, key_file)


def test_only_the_owner_may_read_the_files(engine: EmbeddedEngine, data_dir: Path, key_file: Path) -> None:
    engine.vault.seal_text("x")

    found = [*data_dir.iterdir(), data_dir, key_file]

    assert not [path.name for path in found if path.stat().st_mode & 0o077 and path.is_file()]
    assert not [path.name for path in found if path.stat().st_mode & 0o077 and path.is_dir()]


def test_the_store_runs_on_a_write_ahead_log_that_is_flushed(engine: EmbeddedEngine) -> None:
    value = engine.store.value

    assert value("PRAGMA journal_mode") == "wal"
    assert value("PRAGMA synchronous") == 2  # FULL
    assert value("PRAGMA foreign_keys") == 1
    assert value("PRAGMA mmap_size") in {0, None}
