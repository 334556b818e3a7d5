"""A real server and a real practice stage, each in processes of its own, on the machine's own clock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fanfare import wiring
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.demand import DemandRequest
from fanfare.model.event import Event
from fanfare.settings import Settings, load
from fanfare.topology import World, event_store, opt_in_ground
from fanfare.workers import record_demands
from tests.builders import a_source_event
from tests.lab.calls import Caller

SETTINGS = """\
[web]
port = 0

[sms]
provider = "lab"
base_url = "{base_url}"
account_sid = "AC00000000000000000000000000000001"
auth_token = "lab-token"
reports = "stream"

[email]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[discovery]
base_url = "{base_url}/discovery/v2"
api_key = "lab-key"

[links]
base_url = "https://fanf.example"

[[senders]]
name = "sms"
channel = "sms"
brands = ["ticketmaster"]
address = "+15005550006"
rate_per_second = {rate}

[[brands]]
key = "ticketmaster"
name = "Ticketmaster"
contact_url = "https://tm.example/c"
"""


def until(is_so: Callable[[], bool], seconds: float, *, every: float = 0.05) -> bool:
    """Wait until something is so; tell whether it came to be."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def a_zone_where_it_is_day() -> str:
    """A zone in which it is about two in the afternoon now, so that fans may be texted whenever the test runs."""
    ahead = 14 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


@dataclass
class Server:
    """``fanfare serve`` on one data directory, with the lab as every partner."""

    folder: Path
    rate: float
    lab: Caller = field(init=False)
    engine: EmbeddedEngine = field(init=False)
    world: World = field(init=False)
    settings: Settings = field(init=False)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "fanfare.lab", "--ledger", str(self.folder / "ledger.ndjson")]
        command += ["--sms-latency-ms", "200"]  # so that calls are on their way when a process dies
        self._lab = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        ready: Mapping[str, Any] = json.loads(self._lab.stdout.readline() if self._lab.stdout else b"{}")
        self.lab = Caller(ready["base_url"], ready["smtp_port"])
        self.engine = EmbeddedEngine.create(self.data_dir, self.key_file)
        text = SETTINGS.format(base_url=ready["base_url"], smtp_port=ready["smtp_port"], rate=self.rate)
        (self.data_dir / "fanfare.toml").write_text(text, encoding="utf-8")
        self.settings = load(self.data_dir, {}).settings
        self.world = wiring.open_world(self.engine, self.settings, self.engine.clock)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def key_file(self) -> Path:
        return self.folder / "key"

    def open_sale(self, event: Event, fans: list[DemandRequest], *, opens_in: timedelta) -> None:
        """A sale whose lead has begun already."""
        lines = [{"to": fan.address, "event_id": fan.event_id} for fan in fans]
        self.lab.call("PUT", "/plan", "\n".join(map(json.dumps, lines)))
        record_demands.run(fans, ground=opt_in_ground(self.world))
        event_store(self.world)([a_source_event(event, opens_at=datetime.now(UTC) + opens_in)])

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server in a process group of its own."""
        environment = {**os.environ, "FANFARE_KEY_FILE": str(self.key_file)}
        log = (self.folder / f"serve-{len(self.started)}.log").open("wb")
        command = [sys.executable, "-m", "fanfare", "serve", "--data", str(self.data_dir), "--port", "0"]
        with log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.started.append(process)
        return process

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        os.killpg(self.started[-1].pid, signal.SIGKILL)
        self.started[-1].wait()

    def accepted(self) -> int:
        return self.lab.ledger()["accepted"]

    def states(self) -> dict[str, int]:
        return self.world.notifications.totals(None).by_state

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._lab.kill()
        self._lab.wait()
        if self._lab.stdout:
            self._lab.stdout.close()
        self.engine.close()


def children(pid: int) -> list[int]:
    """The processes that one started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]
