"""A data directory with something in it."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fanfare.engines.embedded.store import EmbeddedEngine
from tests.doors.cli.command_line import answer
from tests.doors.cli.demand_samples import Row, as_csv, row
from tests.doors.cli.discovery_samples import Json, event

EVENT_ID = "G5dExAmPlE01"
SALE_ID = f"{EVENT_ID}:public"


@contextmanager
def engine_of(data_dir: Path) -> Generator[EmbeddedEngine]:
    """Open the store beside the command line."""
    engine = EmbeddedEngine.open(data_dir, data_dir.with_name(f"{data_dir.name}.key"))
    try:
        yield engine
    finally:
        engine.close()


def import_event(data_dir: Path, sample: Json | None = None) -> None:
    """Import one event, with a public sale in ten days."""
    answer("events", "import", "-", data=data_dir, stdin=json.dumps(sample or event(EVENT_ID)))


def import_demands(data_dir: Path, *rows: Row) -> None:
    """Import opt-ins; one fan's where none are given."""
    file = data_dir.with_name("demands.csv")
    file.write_text(as_csv(rows or [row()]))
    answer("demands", "import", file, data=data_dir)


def bury(data_dir: Path, queue: str, *bodies: str) -> None:
    """Leave dead letters."""
    with engine_of(data_dir) as engine:
        engine.queues.send(queue, bodies)
        for message in engine.queues.receive(queue, len(bodies), 60):
            engine.queues.bury(queue, message.message_id, "Permanent: planted")
