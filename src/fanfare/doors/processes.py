"""The processes of a server: web door, workers, lake; and the one that watches over them.

In one process a busy worker would cut the web door to a fraction of its rate, so each has its own. They share nothing
but the data directory. Within the workers each lane has a thread, so that a slow partner holds up only its own lane.
"""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import FrameType

from fanfare import telemetry, wiring
from fanfare.doors.live import refuse_unsigned
from fanfare.engines.embedded import locks
from fanfare.engines.embedded.clock import SystemClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.faults import Permanent
from fanfare.runtime import Runtime
from fanfare.settings import Settings, load
from fanfare.telemetry import Fact
from fanfare.topology import Lane, routes

logger = logging.getLogger(__name__)

GRACE_SECONDS = 25.0
"""How long a process may take to drain (an attempt ends within 30 s of its intent, and intents stop at once)."""
IDLE_SECONDS = 0.25
"""Pause of a lane that found nothing to do: the bound on how late a due row is noticed."""
COLLECT_AFTER = 20_000
POLL_SECONDS = 0.2
RESTART_SECONDS = 1.0
RESTART_SECONDS_MAX = 30.0
STEADY_SECONDS = 60.0
"""A process that lived this long and died is started again at once."""

SUPERVISOR = "FANFARE_SUPERVISOR"
"""Tells a part whose child it is."""

WORKER_LANES = frozenset(Lane) - {Lane.LAKE, Lane.WEB}


class Part(StrEnum):
    """The processes of a server."""

    WEB = "web"
    WORKERS = "workers"
    LAKE = "lake"


@dataclass(slots=True)
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    restart_at: float | None = field(default=None)


def supervise(data_dir: Path, key_file: Path, *, port: int | None) -> int:
    """Run every part until SIGTERM or SIGINT; start again what dies. Returns the exit code."""
    settings = load(data_dir).settings  # a mistake in the settings is told once, here
    refuse_unsigned(settings)  # before any part sends: the others would go on without the web door
    _tell_what_happens(settings)
    _refuse_taken_port(settings, port)
    stopping = _until_told()
    with locks.serving(data_dir):
        EmbeddedEngine.open(data_dir, key_file).close()  # and so is a store that cannot be opened
        children = {part: _start(part, data_dir, key_file, port) for part in Part}
        while not stopping.is_set():
            time.sleep(POLL_SECONDS)  # not a wait on the event: the signal that sets it comes in this very thread
            if not stopping.is_set():
                for child in children.values():
                    _revive(child, data_dir, key_file, port)
        telemetry.log(logger, Fact.SERVER_DRAINING, grace_seconds=GRACE_SECONDS)
        return _drain(list(children.values()))


def _refuse_taken_port(settings: Settings, port: int | None) -> None:
    """Refuse a port that another server has, before any part starts.

    Raises:
        Permanent: it is taken.
    """
    wanted = settings.web.port if port is None else port
    family = socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.web.host, wanted))
        except OSError as error:
            reason = (error.strerror or "cannot be used").lower()
            raise Permanent(
                f"web.host {settings.web.host}, port {wanted}: {reason}; choose another with --port"
            ) from error


def run_part(part: Part, data_dir: Path, key_file: Path, *, port: int | None) -> None:
    """Run one part in this process until told to stop."""
    settings = load(data_dir).settings
    _tell_what_happens(settings)
    match part:
        case Part.WEB:
            _serve_web(data_dir, key_file, settings, port)
        case Part.WORKERS:
            _run_lanes(WORKER_LANES, data_dir, key_file, settings)
        case Part.LAKE:
            _run_lanes({Lane.LAKE}, data_dir, key_file, settings)


def _serve_web(data_dir: Path, key_file: Path, settings: Settings, port: int | None) -> None:
    from fanfare.doors.web import server  # noqa: PLC0415 - the other parts do without the web framework

    stopping = threading.Event()
    beside = threading.Thread(target=_run_lane, args=(Lane.WEB, data_dir, key_file, settings, stopping), name="web")
    beside.start()
    try:
        server.serve(data_dir, key_file, settings, port=port)
    finally:
        stopping.set()
        beside.join()


def _start(part: Part, data_dir: Path, key_file: Path, port: int | None) -> _Child:
    command = [sys.executable, "-m", "fanfare", "serve", "--data", str(data_dir), "--part", part.value]
    if port is not None:
        command += ["--port", str(port)]
    environment = {**os.environ, "FANFARE_KEY_FILE": str(key_file), SUPERVISOR: str(os.getpid())}
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own module with our own arguments
    telemetry.log(logger, Fact.PROCESS_STARTED, part=part.value, pid=process.pid)
    return _Child(part=part, process=process, started=time.monotonic())


def _revive(child: _Child, data_dir: Path, key_file: Path, port: int | None) -> None:
    """Start a process again that died: at once if it had been steady, else after a growing pause."""
    now = time.monotonic()
    if child.restart_at is None and child.process.poll() is not None:
        child.restart_at = now + _pause_seconds(child, now)
    if child.restart_at is not None and now >= child.restart_at:
        fresh = _start(child.part, data_dir, key_file, port)
        child.process, child.started, child.restart_at = fresh.process, fresh.started, None


def _pause_seconds(child: _Child, now: float) -> float:
    """Return how long to wait before a process that just died is started again."""
    child.failures = 0 if now - child.started > STEADY_SECONDS else child.failures + 1
    pause = min(RESTART_SECONDS * 2 ** (child.failures - 1), RESTART_SECONDS_MAX) if child.failures else 0.0
    telemetry.log(
        logger,
        Fact.PROCESS_ENDED,
        logging.ERROR,
        part=child.part.value,
        exit_code=child.process.returncode,
        restart_seconds=pause,
    )
    return pause


def _drain(children: Collection[_Child]) -> int:
    """Ask every process to stop, wait for them, and end those that do not."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
    return 0


def _run_lanes(lanes: Collection[Lane], data_dir: Path, key_file: Path, settings: Settings) -> None:
    """Run each lane in a thread of its own until told to stop, or until one of them ends by a defect."""
    stopping = _until_told()
    _stop_with_supervisor(stopping)
    spare_the_collector()
    broken: list[BaseException] = []

    def keep(lane: Lane) -> None:
        try:
            _run_lane(lane, data_dir, key_file, settings, stopping)
        except BaseException as error:
            broken.append(error)
            stopping.set()
            raise

    threads = [threading.Thread(target=keep, args=(lane,), name=lane.value) for lane in sorted(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise SystemExit(1)


def spare_the_collector() -> None:
    """Let the garbage collector look at young objects only, and seldom: a batch makes thousands, and none in cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)


def _run_lane(lane: Lane, data_dir: Path, key_file: Path, settings: Settings, stopping: threading.Event) -> None:
    clock = SystemClock()
    engine = EmbeddedEngine.open(data_dir, key_file, clock=clock)
    try:
        world = wiring.open_world(engine, settings, clock)
        runtime = Runtime(routes(world), world, {lane})
        while not stopping.is_set():
            if not runtime.step():
                stopping.wait(IDLE_SECONDS)
    finally:
        engine.close()


def _until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set.

    The main thread must not wait on it: it would hold the event's lock while its own signal wants it. A part leaves
    Ctrl-C to the supervisor, which tells it to stop: a terminal sends the signal to both, and one is enough.
    """
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        told.set()

    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGINT, signal.SIG_IGN if SUPERVISOR in os.environ else tell)
    return told


def _stop_with_supervisor(stopping: threading.Event) -> None:
    """Stop when the supervisor is gone: an orphan beside a new server would be one worker too many."""
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor is None:
        return

    def watch() -> None:
        while not stopping.wait(1.0):
            if os.getppid() != int(supervisor):
                stopping.set()

    threading.Thread(target=watch, name="supervisor", daemon=True).start()


def _tell_what_happens(settings: Settings) -> None:
    """Write logs to stderr, one JSON object a line, and start tracing where an address is set."""
    lines = logging.StreamHandler()
    lines.setFormatter(telemetry.JsonLines())
    logging.basicConfig(level=settings.telemetry.log_level.upper(), handlers=[lines], force=True)
    if settings.telemetry.otlp_url is not None:
        telemetry.TRACES.start(settings.telemetry.otlp_url, settings.telemetry.service_name)
