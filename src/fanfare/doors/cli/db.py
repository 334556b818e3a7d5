"""``fanfare db``: backups, restores and upgrades of the data directory."""

import os
from pathlib import Path
from typing import Annotated

import typer

from fanfare.doors.cli import frame, places, screen
from fanfare.doors.cli.exits import CommandError, ExitCode

app = frame.group("The store: backup, restore, upgrade.")


@frame.command(app, "backup")
def backup(ctx: typer.Context) -> None:
    """Copy the store and the fans' keys into backups/ while the server runs. The key file is not in it."""
    from fanfare.doors.cli.opening import opened
    from fanfare.engines.embedded import backup as backups

    desk = frame.of(ctx)
    with opened(desk) as here:
        folder = backups.backup(here.data_dir, here.engine.clock.now())
    size = sum(file.stat().st_size for file in folder.iterdir())
    desk.answer(
        {"backup": folder.name, "folder": folder, "bytes": size},
        lambda: screen.line(f"{folder.name}  {size / 1e6:.1f} MB  {folder}"),
    )


@frame.command(app, "list")
def list_(ctx: typer.Context) -> None:
    """List the backups that can be restored, newest first."""
    from fanfare.engines.embedded import backup as backups

    desk = frame.of(ctx)
    names = backups.names(desk.data_dir())
    desk.answer({"backups": names}, lambda: screen.line("\n".join(names) or "no backups"))


@frame.command(app, "restore")
def restore(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="BACKUP", help="A name from 'fanfare db list'.")],
) -> None:
    """Put a backup in the place of the present store. The server must be stopped; sending starts paused.

    Fans who were forgotten since stay forgotten.
    """
    from fanfare.engines.embedded import backup as backups

    desk = frame.of(ctx)
    data_dir = desk.data_dir()
    name = Path(name).name
    if name not in backups.names(data_dir):
        raise CommandError(f"there is no backup {name}", fix="see: fanfare db list", code=ExitCode.NOT_FOUND)
    backups.restore(data_dir, name)
    paused = _paused(data_dir)
    desk.answer(
        {"restored": name, "paused": paused},
        lambda: screen.line(f"restored {name}; sending is paused: {paused}\nNext: fanfare doctor, then fanfare resume"),
    )


@frame.command(app, "upgrade")
def upgrade(ctx: typer.Context) -> None:
    """Bring the store to this version. The server must be stopped; nothing to do is no error."""
    from fanfare.engines.embedded import backup as backups

    desk = frame.of(ctx)
    numbers = backups.upgrade(desk.data_dir())
    told = f"ran migration {', '.join(map(str, numbers))}" if numbers else "up to date"
    desk.answer({"migrations": numbers}, lambda: screen.line(told))


def _paused(data_dir: Path) -> str | None:
    from fanfare.engines.embedded.store import EmbeddedEngine

    engine = EmbeddedEngine.open(data_dir, places.key_file(data_dir, os.environ))
    try:
        return engine.switches.paused()
    finally:
        engine.close()
