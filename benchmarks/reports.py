"""How many delivery reports a second the stream's worker applies.

All texts are sent first, with nobody reading the stream; then its lane alone works through what has piled up. Counted
are reports that move a row, not the progress lines between them.
"""

import time

from benchmarks import runs
from benchmarks.fanfare_world import Show, Stage
from benchmarks.figures import Figure, Reach
from benchmarks.provider import REPORT_AFTER_SECONDS
from fanfare.model.notification import State
from fanfare.runtime import Runtime
from fanfare.topology import Lane, routes

REPORTS_PER_SECOND_MIN = 20_000
SENDING_LANES = frozenset({Lane.MAIN, Lane.SMS})


class UnfinishedError(Exception):
    """Some rows did not get where they belong."""


def measure(fans: int) -> Figure:
    """Send to that many fans, then apply their reports.

    Raises:
        UnfinishedError: not every report moved its row.
    """
    with runs.scratch() as folder, runs.provider(folder) as (_, provider_url):
        stage, show = Stage(folder, provider_url), Show(name="E1", fans=fans)
        stage.opt_in(show)
        stage.open_sale(show)
        Runtime(routes(stage.world), stage.world, SENDING_LANES).run_until_idle()
        time.sleep(REPORT_AFTER_SECONDS)
        wall_seconds, cpu_seconds = _apply(stage)
        delivered = stage.count(show, State.DELIVERED)
        stage.engine.close()
    if delivered != fans:
        raise UnfinishedError(f"{delivered} of {fans} rows are DELIVERED")
    return Figure(
        name="reports from the stream", value=fans / wall_seconds, unit="/s", reach=Reach.AT_LEAST,
        bound=REPORTS_PER_SECOND_MIN, details={"reports": fans, "cpu_us_each": cpu_seconds / fans * 1e6},
    )  # fmt: skip


def _apply(stage: Stage) -> tuple[float, float]:
    runtime = Runtime(routes(stage.world), stage.world, {Lane.REPORTS})
    wall, cpu = time.perf_counter(), time.process_time()
    runtime.run_until_idle()
    return time.perf_counter() - wall, time.process_time() - cpu
