"""Where things are: the data directory, and the key file that lies outside it."""

from collections.abc import Mapping
from pathlib import Path

from fanfare.doors.cli.exits import CommandError, ExitCode

DATA_VARIABLE = "FANFARE_DATA"
KEY_VARIABLE = "FANFARE_KEY_FILE"
SETTINGS_FILE = "fanfare.toml"
STORE_FILE = "store.db"


def data_dir(given: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the data directory: the one given, else ``FANFARE_DATA``, else the current folder when it is one.

    Raises:
        CommandError: none is named and the current folder is none, or the named one was never made.
    """
    named = given or (Path(environment[DATA_VARIABLE]) if environment.get(DATA_VARIABLE) else None)
    if named is None and not Path(SETTINGS_FILE).exists():
        raise CommandError(
            "no data directory is named, and the current folder holds no fanfare.toml",
            fix=f"give --data DIR or set {DATA_VARIABLE}; 'fanfare init DIR' makes one",
            code=ExitCode.NOT_FOUND,
        )
    found = (named or Path()).absolute()
    if not (found / STORE_FILE).exists() and not (found / SETTINGS_FILE).exists():
        raise CommandError(
            f"{found} is no data directory",
            fix=f"check the path, or run: fanfare init {found}",
            code=ExitCode.NOT_FOUND,
        )
    return found


def key_file(data_dir: Path, environment: Mapping[str, str]) -> Path:
    """Return where the store key is: ``FANFARE_KEY_FILE``, else ``<name>.key`` beside the data directory.

    Beside it and not in it: a copy of the directory must not carry its own key.
    """
    named = environment.get(KEY_VARIABLE)
    directory = data_dir.absolute()
    return Path(named).absolute() if named else directory.with_name(f"{directory.name}.key")
