"""``fanfare pause`` and ``fanfare resume``: the switch that every process asks before each request."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen

pausing = frame.single()
resuming = frame.single()


@frame.command(pausing)
def pause(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Shown wherever the pause is.")] = "paused by an operator",
) -> None:
    """Stop sending, in every process, within a second. Nothing is lost: rows wait, and expire at their cut-off."""
    _switch(frame.of(ctx), reason)


@frame.command(resuming)
def resume(ctx: typer.Context) -> None:
    """Let sending go on."""
    _switch(frame.of(ctx), None)


def _switch(desk: frame.Frame, reason: str | None) -> None:
    from fanfare.doors.cli.opening import opened

    with opened(desk) as here:
        switches = here.engine.switches
        before = switches.paused()
        if reason is not None:
            switches.pause(reason)
        elif before is not None:
            switches.resume()
    told = f"paused: {reason}" if reason is not None else "sending goes on"
    desk.answer({"paused": reason, "before": before}, lambda: screen.line(told))
