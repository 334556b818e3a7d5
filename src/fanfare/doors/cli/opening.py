"""Opening a data directory for a command: settings, store, and the world of ports when it is wanted."""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

from fanfare import wiring
from fanfare.doors.cli import places
from fanfare.doors.cli.frame import Frame
from fanfare.engines.embedded import locks
from fanfare.engines.embedded.measures import Measures
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.partners.email import SmtpEmail
from fanfare.settings import Loaded, Settings, load
from fanfare.topology import World


class Opened:
    """A data directory that a command works on."""

    def __init__(self, data_dir: Path, loaded: Loaded, engine: EmbeddedEngine) -> None:
        """Take what was opened."""
        self.data_dir = data_dir
        self.loaded = loaded
        self.engine = engine

    @property
    def settings(self) -> Settings:
        """What was set."""
        return self.loaded.settings

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.engine.clock.now()

    @cached_property
    def measures(self) -> Measures:
        """What the service targets are measured from."""
        return Measures(self.engine.store)

    @cached_property
    def world(self) -> World:
        """Every port, partners included."""
        return wiring.open_world(self.engine, self.settings, self.engine.clock)

    def close(self) -> None:
        """Hang up on the mail server, if anybody called it, and close the store."""
        made: World | None = self.__dict__.get("world")
        if made is not None and isinstance(made.email, SmtpEmail):
            made.email.close()
        self.engine.close()


@contextmanager
def opened(desk: Frame) -> Generator[Opened]:
    """Open the command's data directory.

    Raises:
        CommandError: there is none.
        SettingsError: its settings cannot be used.
        Permanent: its store or key cannot, or it is being restored or upgraded.
    """
    logging.getLogger("fanfare").addHandler(logging.NullHandler())  # facts are for servers' logs, not for the terminal
    data_dir = desk.data_dir()
    loaded = load(data_dir)
    with locks.serving(data_dir):
        here = Opened(data_dir, loaded, EmbeddedEngine.open(data_dir, places.key_file(data_dir, os.environ)))
        try:
            yield here
        finally:
            here.close()
