"""A lab in a thread of its own, for tests and for whoever wants one within their process."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import uvloop

from fanfare.lab.config import LabConfig
from fanfare.lab.server import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAddress:
    """Where a running lab listens."""

    base_url: str
    smtp_port: int


@contextmanager
def running(config: LabConfig) -> Generator[LabAddress]:
    """Run a lab for as long as the block lasts; when it ends, the ledger is on disk and closed."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lab", daemon=True)
    thread.start()
    lab = Lab(config)
    try:
        asyncio.run_coroutine_threadsafe(lab.start(), loop).result()
        yield LabAddress(base_url=lab.base_url, smtp_port=lab.smtp_port)
    finally:
        asyncio.run_coroutine_threadsafe(lab.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
