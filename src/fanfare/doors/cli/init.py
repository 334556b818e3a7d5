"""``fanfare init``: a data directory, its settings file, its key."""

import os
from pathlib import Path
from typing import Annotated

import typer

from fanfare.doors.cli import frame, places, screen
from fanfare.doors.cli.exits import CommandError, ExitCode

SAMPLE = Path(__file__).with_name("sample.toml")

app = frame.single()


@frame.command(app)
def init(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory to make.")],
) -> None:
    """Make a data directory, its settings file and its key.

    The key file lies outside the directory, so that a copy of the directory carries no key: FANFARE_KEY_FILE where that
    is set, else DIR.key beside DIR. Without it no stored address can be read; keep a copy where the backups are not.
    """
    desk = frame.of(ctx)
    directory = directory.absolute()
    key_file = places.key_file(directory, os.environ)
    _refuse_what_exists(directory)
    is_new_key = not key_file.exists()

    _make_store(directory, key_file)
    settings_file = _write_settings(directory)

    made = {"data_dir": directory, "settings_file": settings_file, "key_file": key_file, "new_key": is_new_key}
    desk.answer(made, lambda: _tell(directory, settings_file, key_file, is_new_key=is_new_key))


def _refuse_what_exists(directory: Path) -> None:
    for name in (places.STORE_FILE, places.SETTINGS_FILE):
        if (directory / name).exists():
            raise CommandError(
                f"{directory / name} exists; nothing was changed",
                fix="choose another directory, or use this one with --data",
                code=ExitCode.REFUSED,
            )


def _make_store(directory: Path, key_file: Path) -> None:
    from fanfare.engines.embedded.store import EmbeddedEngine

    try:
        EmbeddedEngine.create(directory, key_file).close()
    except OSError as error:
        raise CommandError(
            f"{error.filename}: {(error.strerror or 'cannot be made').lower()}", fix="choose a place that you may write"
        ) from error


def _write_settings(directory: Path) -> Path:
    path = directory / places.SETTINGS_FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(SAMPLE.read_text(encoding="utf-8"))
    return path


def _tell(directory: Path, settings_file: Path, key_file: Path, *, is_new_key: bool) -> None:
    screen.facts(
        {
            "data directory": directory,
            "settings": f"{settings_file} (its comments are the manual)",
            "key": f"{key_file} ({'new' if is_new_key else 'found there, used again'}; keep a copy apart from backups)",
        }
    )
    screen.line(f"Next: fanfare doctor --data {directory}")
