"""The process that serves the web door: uvicorn on uvloop, drained when it is told to stop."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from fanfare import wiring
from fanfare.doors.live import refuse_unsigned
from fanfare.doors.web.app import create_app
from fanfare.doors.web.heads import BoundedHeads
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.settings import Settings

DRAIN_SECONDS = 20
"""Requests under way may end within this time; the supervisor waits a little longer."""
KEEP_ALIVE_SECONDS = 20
CONNECTIONS_MAX = 2_000
"""Connections and requests at once; more are answered 503 right away."""
TICKS_A_SECOND = 10


def serve(data_dir: Path, key_file: Path, settings: Settings, *, port: int | None = None) -> None:
    """Serve a data directory until SIGTERM or SIGINT, then let the requests under way end.

    Args:
        data_dir: what ``fanfare init`` made.
        key_file: its store key.
        settings: what was set.
        port: instead of the one in the settings; 0 takes a free one.

    Raises:
        SettingsError: messages are live and nobody could tell a forged report from a true one.
        Permanent: the store or its key cannot be opened.
    """
    refuse_unsigned(settings)
    engine = EmbeddedEngine.open(data_dir, key_file)
    try:
        app = create_app(lambda: wiring.open_world(engine, settings, engine.clock), settings, engine.api_keys)
        WebServer(app, host=settings.web.host, port=settings.web.port if port is None else port).run()
    finally:
        engine.close()


class WebServer(uvicorn.Server):
    """Serves an app. It tells when it listens, and ends when the process that started it is gone."""

    def __init__(self, app: FastAPI, *, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
        """Take the app and where to listen; ``on_ready`` is told the address once it does."""
        super().__init__(_config(app, host, port))
        self._on_ready = on_ready
        self._supervisor = int(os.environ.get("FANFARE_SUPERVISOR", "0"))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say where."""
        await super().startup(sockets)
        if self._on_ready is not None and self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._on_ready(f"http://{host}:{port}")

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to end: an orphan beside a new server would hold its port."""
        is_orphan = self._supervisor and counter % TICKS_A_SECOND == 0 and os.getppid() != self._supervisor
        return bool(is_orphan) or await super().on_tick(counter)


def _config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=BoundedHeads,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # addresses of pages hold the fans' link tokens
        proxy_headers=False,  # nobody's word about who the caller is
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
