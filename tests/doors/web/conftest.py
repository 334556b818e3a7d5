"""A web door over a fresh store, served by a real server on a free port."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import pytest
from fastapi import FastAPI

from fanfare import wiring
from fanfare.doors.web.app import create_app
from fanfare.doors.web.door import Caps
from fanfare.doors.web.server import WebServer
from fanfare.engines.embedded.api_keys import ApiKeys
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.api_keys import Scope
from fanfare.settings import Settings
from fanfare.topology import World
from tests.doors.web.caller import Answer, call

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "a-token-of-this-test"
PUBLIC_URL = "https://hooks.example.test"

SETTINGS: dict[str, Any] = {
    "web": {"public_url": PUBLIC_URL},
    "discovery": {"base_url": "http://127.0.0.1:9/discovery/v2", "api_key": "made-up"},
    "sms": {"base_url": "http://127.0.0.1:9", "account_sid": "AC1", "auth_token": TOKEN},
    "brands": [
        {"key": "ticketmaster", "name": "Ticketmaster", "contact_url": "https://tm.example/contact"},
        {"key": "livenation", "name": "Live Nation", "contact_url": "https://ln.example/contact"},
    ],
    "senders": [
        {"name": "sms", "channel": "sms", "brands": ["ticketmaster", "livenation"], "address": "+15005550006",
         "rate_per_second": 100},
        {"name": "mail", "channel": "email", "brands": ["ticketmaster", "livenation"], "address": "a@tm.example",
         "rate_per_second": 100},
    ],
}  # fmt: skip


@dataclass(kw_only=True)
class Stage:
    """What a test works on."""

    engine: EmbeddedEngine
    clock: SteppedClock
    keys: ApiKeys
    world: World
    """One for the test's own thread."""
    url: str
    app: FastAPI
    secrets: dict[frozenset[Scope], str] = field(default_factory=dict)

    def connect(self) -> HTTPConnection:
        host, port = self.url.removeprefix("http://").split(":")
        return HTTPConnection(host, int(port), timeout=10)

    def key(self, *scopes: Scope, person: str = "a-service") -> str:
        if person != "a-service":
            return self.keys.create(person, frozenset(scopes))
        wanted = frozenset(scopes)
        if wanted not in self.secrets:
            self.secrets[wanted] = self.keys.create(person, wanted)
        return self.secrets[wanted]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - whatever is to be sent
        *,
        key: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send one request; a body that is no bytes goes as JSON."""
        return call(self.url, method, path, body, key=key, headers=headers)

    def admin(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:  # noqa: ANN401
        return self.call(method, path, body, key=self.key(Scope.ADMIN), **headers)

    def image(self) -> bytes:
        """Everything in the store but its keys' rows: equal before and after where nothing changed."""
        tables = [row[0] for row in self.engine.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: self.engine.store.rows(f"SELECT * FROM {name}") for name in sorted(tables)}  # noqa: S608
        return repr(rows).encode()


def served(settings: Settings, caps: Caps, make: Callable[[], World] | None = None) -> Iterator[Stage]:
    """Serve a door while the generator stands; ``make`` makes its worlds instead of the wiring."""
    clock = SteppedClock(NOW)
    engine = EmbeddedEngine.temporary(clock=clock)
    keys = ApiKeys(engine.store, clock)
    app = create_app(make or (lambda: wiring.open_world(engine, settings, clock)), settings, keys, caps=caps)
    ready = threading.Event()
    where: list[str] = []

    def on_ready(url: str) -> None:
        where.append(url)
        ready.set()

    server = WebServer(app, host="127.0.0.1", port=0, on_ready=on_ready)
    thread = threading.Thread(target=server.run, name="served")
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        world = wiring.open_world(engine, settings, clock)
        yield Stage(engine=engine, clock=clock, keys=keys, world=world, url=where[0], app=app)
    finally:
        server.should_exit = True
        thread.join(20)
        engine.close()


WIDE = Caps(key_per_minute=100_000, opt_ins_per_peer_and_minute=100_000, opt_ins_per_minute=100_000)
"""Quotas that no test comes near."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A door of its own for one test."""
    yield from served(Settings.model_validate(SETTINGS), WIDE)


@pytest.fixture(scope="module")
def door() -> Iterator[Stage]:
    """One door for a module whose tests leave nothing behind that another would mind."""
    yield from served(Settings.model_validate(SETTINGS), WIDE)
