"""``fanfare targets``: what was promised, against what was measured."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import ExitCode
from fanfare.doors.cli.opening import opened
from fanfare.rules.targets import Target, TargetState
from fanfare.wiring import policy_of
from fanfare.workers import measure_targets

app = frame.single()


@frame.command(app)
def targets(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="Of so many days up to the last row.")] = 7,
) -> None:
    """Show the service targets TGT-1 to TGT-10; the exit code is 1 when one alarms.

    A target without samples says so. Figures come from notification rows and from counters that processes keep.
    """
    desk = frame.of(ctx)
    with opened(desk) as here:
        last_at = here.measures.last_at() or here.now  # a night that was practised lies on a clock of its own
        since = min(here.now, last_at) - timedelta(days=days)
        found = measure_targets.targets(
            since, measures=here.measures, policy=policy_of(here.settings), clock=here.engine.clock
        )
    desk.answer({"since": since, "targets": found}, lambda: _tell(found))
    if any(target.state is TargetState.ALARM for target in found):
        raise typer.Exit(ExitCode.FINDINGS)


def _tell(found: Sequence[Target]) -> None:
    columns = ("id", "name", "target", "alarm", "value", "samples", "state")
    screen.table(
        columns,
        [
            (t.id, t.name, f"{t.target} {t.unit}", t.alarm, _value(t), t.samples, t.state.value.replace("_", " "))
            for t in found
        ],
    )


def _value(target: Target) -> str | None:
    return None if target.value is None else f"{target.value:g} {target.unit}"
