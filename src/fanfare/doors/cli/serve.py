"""``fanfare serve``: three processes over one data directory, watched over and drained together."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, places

app = frame.single()


@frame.command(app)
def serve(
    ctx: typer.Context,
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the web door; 0 takes a free one.")
    ] = None,
    part: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the web door, the workers and the lake until told to stop.

    A process that dies is started again. SIGTERM drains: no new attempt begins, those under way end within 25 s.
    """
    import os

    from fanfare.doors import processes

    data_dir = frame.of(ctx).data_dir()
    key_file = places.key_file(data_dir, os.environ)
    if part is None:
        raise typer.Exit(processes.supervise(data_dir, key_file, port=port))
    processes.run_part(processes.Part(part), data_dir, key_file, port=port)
