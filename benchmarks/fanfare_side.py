"""Fanfare as shipped: its wiring, its routes and its runtime, in one worker process.

Everything that the floor leaves out is in: the vault, consent and opt-out checks at generation and again with the
intent, quiet hours, claims per address, rules and revisions of the sale, pace, the guarded HTTP client, signed
callbacks, the reports' lattice, and the followers of the change log.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import side
from benchmarks.fanfare_world import Show, Stage
from benchmarks.job import Job
from fanfare.doors.processes import WORKER_LANES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fanfare:
    stage: Stage
    show: Show
    parts: Mapping[str, int]

    def run(self) -> int:
        """As the protocol says."""
        self.stage.open_sale(self.show)
        return self.stage.wait_until_ended(self.show)


@contextmanager
def open_side(job: Job) -> Generator[_Fanfare]:
    """Opt the fans in, then start the workers: they idle until the request comes."""
    stage, show = Stage(job.folder, job.provider_url), Show(name="E1", fans=job.fans)
    stage.opt_in(show)
    with stage.working(WORKER_LANES):
        yield _Fanfare(stage=stage, show=show, parts={"worker": os.getpid()})
    stage.engine.close()


if __name__ == "__main__":
    side.main(open_side)
