"""``make bench``: what is fast, measured beside what a user would pick instead. docs/benchmarks.md is its method."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import compare, million, report, reports, runs, startup, webhooks
from benchmarks.figures import Figure
from benchmarks.processes import MissingProgramError, program
from benchmarks.runs import SIDES, Run

FANS = 50_000
ROUNDS = 3
MILLION = 1_000_000
REPORTS = 100_000
WEBHOOK_SECONDS = 5
PROGRAMS = {
    "redis-server": frozenset({"celery_chunks", "taskiq_per_task", "celery_per_task"}),
    "wrk": frozenset({"webhooks"}),
}
"""What comes from the system, and who needs it."""
QUICK_SHARE = 25
"""A quick run has this part of the fans: it shows that everything works, not how fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    fans: int
    rounds: int
    million: int
    reports: int
    webhook_fans: int
    webhook_seconds: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for, print it, write it down; 1 when a figure was missed, 2 without a program."""
    given = _read(arguments)
    wanted: list[str] = given.only
    try:
        _look_for_programs(wanted)
    except MissingProgramError as missing:
        _say(str(missing))
        return 2
    sizes = _sizes(given.fans, given.rounds, quick=given.quick)
    ran = list(_job([name for name in wanted if name in SIDES], sizes))
    others = _others(sizes)
    figures = [*compare.ratios(ran)]
    for name in wanted:
        if name in others:
            _say(name)
            figures.extend(others[name]())
    report.show(ran, figures)
    print(f"Written to {report.write(ran, figures)}")
    return int(any(figure.is_reached is False for figure in figures))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = [*SIDES, *_others(_sizes(FANS, ROUNDS, quick=False))]
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--fans", type=int, default=FANS, help="of the job that all sides do")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="how often every side has its turn")
    options.add_argument("--quick", action="store_true", help="small and once: whether it works, not how fast")
    options.add_argument("--only", type=lambda text: _names(text, known), default=known, help=", ".join(known))
    return options.parse_args(arguments)


def _names(text: str, known: Sequence[str]) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(known)}")
    return names


def _look_for_programs(wanted: Sequence[str]) -> None:
    """Tell at once what would fail half an hour later."""
    for name, needing in PROGRAMS.items():
        if needing.intersection(wanted):
            program(name)


def _sizes(fans: int, rounds: int, *, quick: bool) -> _Sizes:
    share = QUICK_SHARE if quick else 1
    return _Sizes(
        fans=fans // share, rounds=1 if quick else rounds, million=MILLION // (50 if quick else 1),
        reports=REPORTS // share, webhook_fans=FANS // (5 if quick else 1),
        webhook_seconds=1 if quick else WEBHOOK_SECONDS,
    )  # fmt: skip


def _job(sides: Sequence[str], sizes: _Sizes) -> Iterator[Run]:
    for run in runs.take_turns(sides, fans=sizes.fans, rounds=sizes.rounds):
        _say(f"{run.side}: {run.cost_us:.1f} us CPU each, {run.wall_seconds:.1f} s")
        yield run


def _others(sizes: _Sizes) -> dict[str, Callable[[], list[Figure]]]:
    return {
        "startup": lambda: [startup.measure()],
        "reports": lambda: [reports.measure(sizes.reports)],
        "webhooks": lambda: [webhooks.measure(sizes.webhook_fans, seconds=sizes.webhook_seconds)],
        "million": lambda: million.measure(sizes.million, small=sizes.fans),
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
