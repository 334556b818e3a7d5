"""``fanfare lab``: the practice stage."""

from pathlib import Path
from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.lab.config import ReportRoute, WorldKind

PORT = 9480
SMTP_PORT = 9425
"""The ports that the sample settings of 'fanfare init' speak to."""

app = frame.single()


@frame.command(app)
def lab(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of its HTTP server; 0 takes a free one.")] = PORT,
    smtp_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of its mail server; 0 takes a free one.")
    ] = SMTP_PORT,
    faults: Annotated[str, typer.Option(metavar="SPEC", help="none, evening, rough, or kind=rate,...")] = "none",
    ledger: Annotated[Path | None, typer.Option(help="Its own record; a new temporary file where left out.")] = None,
    world: Annotated[WorldKind, typer.Option(help="What stands on the stage.")] = WorldKind.NONE,
    fans: Annotated[int, typer.Option(min=0, help="Fans of the night.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world and faults.")] = 1,
    reports: Annotated[ReportRoute, typer.Option(help="Where reports go.")] = ReportRoute.STREAM,
    inbound_url: Annotated[str | None, typer.Option(help="Where texts from fans are posted.")] = None,
) -> None:
    """Run the practice stage: servers on loopback that speak the partners' real protocols, with faults on request.

    One line of JSON on stdout says when it is ready; Ctrl-C ends it. docs/lab.md tells the rest.
    """
    desk = frame.of(ctx)
    if not desk.as_json:
        screen.note("practice stage: Ctrl-C ends it")
    given = {
        "--port": port,
        "--smtp-port": smtp_port,
        "--faults": faults,
        "--ledger": ledger or _temporary(),
        "--world": world,
        "--fans": fans,
        "--seed": seed,
        "--reports": reports,
        "--inbound-url": inbound_url,
    }
    _run([part for name, value in given.items() if value is not None for part in (name, str(value))])


def _run(arguments: list[str]) -> None:
    from fanfare.doors.cli.exits import CommandError
    from fanfare.lab import server

    try:
        server.main(arguments)
    except ValueError as error:
        raise CommandError(f"the practice stage cannot be set so: {error}", fix="see docs/lab.md") from error
    except OSError as error:
        raise CommandError(
            f"the practice stage cannot open its ports: {error.strerror}",
            fix="choose others with --port and --smtp-port",
        ) from error


def _temporary() -> Path:
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="fanfare-lab-")) / "ledger.ndjson"
    screen.note(f"ledger: {path}")
    return path
