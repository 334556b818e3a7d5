"""``fanfare db``."""

from pathlib import Path

from fanfare.engines.embedded import locks
from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.stores import SALE_ID, import_event


def test_a_backup_is_restored_paused(data_dir: Path) -> None:
    name = answer("db", "backup", data=data_dir)["backup"]
    import_event(data_dir)

    told = answer("db", "restore", name, data=data_dir)

    assert told["restored"] == name
    assert name in told["paused"]
    assert run("sale", "show", SALE_ID, data=data_dir).exit_code == 3


def test_backups_are_listed_newest_first(data_dir: Path) -> None:
    assert answer("db", "list", data=data_dir) == {"backups": []}
    older, newer = (answer("db", "backup", data=data_dir)["backup"] for _ in range(2))

    assert answer("db", "list", data=data_dir) == {"backups": [newer, older]}


def test_an_unknown_backup_is_not_found(data_dir: Path) -> None:
    result = run("db", "restore", "../elsewhere", data=data_dir)

    assert (result.exit_code, "there is no backup elsewhere" in error_of(result)) == (3, True)


def test_nothing_is_restored_or_upgraded_while_a_server_runs(data_dir: Path) -> None:
    name = answer("db", "backup", data=data_dir)["backup"]

    with locks.serving(data_dir):
        restored, upgraded = run("db", "restore", name, data=data_dir), run("db", "upgrade", data=data_dir)

    assert (restored.exit_code, upgraded.exit_code) == (4, 4)
    assert "stop the server" in error_of(restored)


def test_nothing_else_is_done_while_it_is_restored(data_dir: Path) -> None:
    with locks.alone(data_dir):
        result = run("sale", "list", data=data_dir)

    assert (result.exit_code, "is being restored or upgraded" in error_of(result)) == (4, True)


def test_a_store_of_this_version_needs_no_upgrade(data_dir: Path) -> None:
    assert answer("db", "upgrade", data=data_dir) == {"migrations": []}
    assert run("db", "upgrade", data=data_dir).stdout == "up to date\n"
