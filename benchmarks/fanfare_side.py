"""Fanfare as shipped: its wiring, its routes and its runtime, in one worker process.

Everything that the floor leaves out is in: the vault, consent and opt-out checks at generation and again with the
intent, quiet hours, claims per address, rules and revisions of the sale, pace, the guarded HTTP client, signed
callbacks, the reports' lattice, and the followers of the change log.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import fanfare_world, side
from benchmarks.fanfare_world import Prepared
from benchmarks.job import Job
from fanfare.model.notification import State
from fanfare.runtime import Runtime
from fanfare.topology import Lane, routes

LANES = frozenset(Lane) - {Lane.LAKE}
"""The lake is a process of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fanfare:
    job: Job
    prepared: Prepared
    runtime: Runtime
    parts: Mapping[str, int]

    def run(self) -> int:
        """As the protocol says."""
        self.prepared.open_sale()
        self.runtime.run_until_idle()
        return self.prepared.count(State.DELIVERED)


@contextmanager
def open_side(job: Job) -> Iterator[_Fanfare]:
    """Opt the fans in, and let the routes follow those changes before anything is measured."""
    with fanfare_world.prepared(job.folder, fans=job.fans, provider_url=job.provider_url) as prepared:
        runtime = Runtime(routes(prepared.world), prepared.world, LANES)
        runtime.run_until_idle()
        yield _Fanfare(job=job, prepared=prepared, runtime=runtime, parts={"worker": os.getpid()})


if __name__ == "__main__":
    side.main(open_side)
