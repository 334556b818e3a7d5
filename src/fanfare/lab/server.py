"""The lab's two servers, and its command line."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import uvloop

from fanfare.lab.config import ClockKind, LabConfig, OptOutKeeper, ReportRoute, WorldKind
from fanfare.lab.http import Connection
from fanfare.lab.mail import Mail
from fanfare.lab.stage import Stage

HOST = "127.0.0.1"  # and nothing else: the lab has no secrets and no manners
_BACKLOG = 4096


class Lab:
    """A running practice stage.

    Start it within an event loop; `base_url` and `smtp_port` hold once `start` has returned.
    """

    def __init__(self, config: LabConfig) -> None:
        self._config = config
        self._connections: set[Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._stage: Stage | None = None
        self._mail: Mail | None = None
        self.base_url = ""
        self.smtp_port = 0

    async def start(self) -> None:
        """Open both ports.

        Raises:
            OSError: a port is taken, or the ledger cannot be opened.
            ValueError: the faults cannot be read.
        """
        loop = asyncio.get_running_loop()
        self._stage = Stage(self._config)
        routes, mail = self._stage.open()
        self._mail = mail
        http = await loop.create_server(
            lambda: Connection(routes.serve, self._connections), HOST, self._config.port, backlog=_BACKLOG
        )
        smtp = await loop.create_server(mail.protocol, HOST, self._config.smtp_port)
        self._servers = [http, smtp]
        self.base_url = f"http://{HOST}:{_port(http)}"
        self.smtp_port = _port(smtp)

    async def stop(self) -> None:
        """Hang up on everybody and close the ledger."""
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.abort()
        if self._mail is not None:
            self._mail.hang_up()
        await asyncio.sleep(0)  # so that each connection learns of its end
        if self._stage is not None:
            await self._stage.close()


async def serve(config: LabConfig) -> None:
    """Run until SIGTERM or SIGINT; one line of JSON on stdout says when the lab is ready."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    lab = Lab(config)
    await lab.start()
    ready = {"ready": True, "base_url": lab.base_url, "smtp_port": lab.smtp_port}
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()
    await ended.wait()
    await lab.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    # A night's texts live until the lab ends: looking through them again and again for garbage finds none, and cost
    # a third of the time (measured at 50,000 texts).
    gc.set_threshold(100_000, 50, 1_000)
    uvloop.run(serve(parse(arguments)))


def parse(arguments: Sequence[str] | None = None) -> LabConfig:
    """Return the configuration of a command line; docs/lab.md explains each option."""
    options = argparse.ArgumentParser(prog="fanfare.lab", description="The practice stage.")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--smtp-port", type=int, default=0)
    options.add_argument("--ledger", type=Path, required=True)
    options.add_argument("--faults", default="none")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--fans", type=int, default=1000)
    options.add_argument("--world", type=WorldKind, choices=tuple(WorldKind), default=WorldKind.NONE)
    options.add_argument("--clock", type=ClockKind, choices=tuple(ClockKind), default=ClockKind.REAL)
    options.add_argument("--start", type=datetime.fromisoformat, dest="start_at")
    options.add_argument("--echo", choices=("on", "off"), default="on")
    options.add_argument("--reports", type=ReportRoute, choices=tuple(ReportRoute), default=ReportRoute.STREAM)
    options.add_argument("--inbound-url")
    options.add_argument(
        "--opt-out",
        type=OptOutKeeper,
        choices=tuple(OptOutKeeper),
        default=OptOutKeeper.PROVIDER,
        dest="opt_out_keeper",
    )
    options.add_argument("--bounce-maildir", type=Path)
    options.add_argument("--sms-latency-ms", type=int, default=0)
    given = vars(options.parse_args(arguments))
    return LabConfig(**{**given, "echo": given["echo"] == "on"})


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])
