"""Workers whose first sale was sent and awaits its reports by webhook, and whose second one is about to run."""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import side
from benchmarks.fanfare_world import STALLED_SECONDS, Show, Stage
from benchmarks.job import Job
from benchmarks.provider import REPORT_AFTER_SECONDS, STATUSES
from benchmarks.reports import SENDING_LANES
from fanfare.doors.processes import WORKER_LANES
from fanfare.runtime import Runtime
from fanfare.topology import routes

WEBHOOKS_MAX = 30_000
"""Texts of the first sale: more different reports than are posted."""
SETTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _TwoSales:
    stage: Stage
    told: Show
    show: Show
    parts: Mapping[str, int]

    def run(self) -> int:
        """Run the second sale; return how many rows are DELIVERED, of the first one by webhook."""
        self.stage.open_sale(self.show)
        before, moved_at = 0, time.monotonic()
        while (now := self._delivered()) < self.show.fans or now != before:
            if now != before:
                moved_at = time.monotonic()
            elif time.monotonic() > moved_at + STALLED_SECONDS:
                break
            before = now
            time.sleep(SETTLE_SECONDS)
        return now

    def _delivered(self) -> int:
        return self.stage.world.notifications.totals(None).by_state.get("DELIVERED", 0)


@contextmanager
def open_side(job: Job) -> Generator[_TwoSales]:
    """Send the first sale, skip its reports in the stream, and start the workers."""
    stage = Stage(job.folder, job.provider_url)
    told = Show(name="E1", fans=WEBHOOKS_MAX)
    show = Show(name="E2", fans=job.fans, first_fan=WEBHOOKS_MAX)
    stage.opt_in(told)
    stage.opt_in(show)
    stage.open_sale(told)
    Runtime(routes(stage.world), stage.world, SENDING_LANES).run_until_idle()
    time.sleep(REPORT_AFTER_SECONDS)
    stage.world.checkpoints.move("reports:twilio", expected=None, to=str(WEBHOOKS_MAX * len(STATUSES)))
    with stage.working(WORKER_LANES):
        yield _TwoSales(stage=stage, told=told, show=show, parts={"worker": os.getpid()})
    stage.engine.close()


if __name__ == "__main__":
    side.main(open_side)
