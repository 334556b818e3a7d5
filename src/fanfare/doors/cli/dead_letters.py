"""``fanfare dead-letters``: work that was given up."""

from collections.abc import Sequence
from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.ports.queues import DeadLetter
from fanfare.topology import QueueRoute, World, routes

LETTERS_MAX = 100_000
BODY_SHOWN = 80

app = frame.group("Work that was given up: list it, send it again.")

QueueOption = Annotated[str | None, typer.Option("--queue", help="Only this queue.")]


@frame.command(app, "list")
def list_(
    ctx: typer.Context,
    queue: QueueOption = None,
    limit: Annotated[int, typer.Option(min=1, max=LETTERS_MAX, help="At most so many.")] = 100,
) -> None:
    """List dead letters, newest first."""
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here:
        letters = here.engine.queues.dead_letters(queue, limit)
    desk.answer({"dead_letters": letters}, lambda: _tell(letters))


@frame.command(app, "redrive")
def redrive(
    ctx: typer.Context,
    *,
    letter_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Ids from the list.")] = None,
    queue: QueueOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Every dead letter, or every one of --queue.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which.")] = False,
) -> None:
    """Send dead letters to their queue again, attempts counted from 0. The work is idempotent: twice does no harm."""
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    if all_ == bool(letter_ids):
        raise CommandError("name dead letters, or all of them, and not both", fix="give ids from the list, or --all")
    with opened(desk) as here:
        letters = _chosen(here.engine.queues.dead_letters(queue, LETTERS_MAX), letter_ids)
        going, staying = _divided(letters, here.world)
        sent = 0 if dry_run else here.engine.queues.redrive([letter.letter_id for letter in going])
    answer = {
        "redriven": sent,
        "would_redrive": [letter.letter_id for letter in going] if dry_run else [],
        "kept": [letter.letter_id for letter in staying],
    }
    desk.answer(answer, lambda: _tell_redriven(going, staying, dry_run=dry_run))


def _chosen(letters: Sequence[DeadLetter], wanted: Sequence[str] | None) -> tuple[DeadLetter, ...]:
    if not wanted:
        return tuple(letters)
    known = {letter.letter_id: letter for letter in letters}
    missing = [letter_id for letter_id in wanted if letter_id not in known]
    if missing:
        raise CommandError(
            f"there is no dead letter {', '.join(missing)}",
            fix="see: fanfare dead-letters list",
            code=ExitCode.NOT_FOUND,
        )
    return tuple(known[letter_id] for letter_id in dict.fromkeys(wanted))


def _divided(letters: Sequence[DeadLetter], world: World) -> tuple[list[DeadLetter], list[DeadLetter]]:
    """Part what a worker would take from what was quarantined: no queue leads there, so it stays."""
    queues = {route.queue for route in routes(world) if isinstance(route, QueueRoute)}
    going = [letter for letter in letters if letter.queue in queues]
    return going, [letter for letter in letters if letter.queue not in queues]


def _tell(letters: Sequence[DeadLetter]) -> None:
    if not letters:
        screen.line("no dead letters")
        return
    rows = [
        (each.letter_id, each.queue, each.at, each.attempts, each.reason, each.body[:BODY_SHOWN]) for each in letters
    ]
    screen.table(("id", "queue", "at", "attempts", "reason", "body"), rows)


def _tell_redriven(going: Sequence[DeadLetter], staying: Sequence[DeadLetter], *, dry_run: bool) -> None:
    screen.line(f"{'would send' if dry_run else 'sent'} {len(going)} again")
    if staying:
        screen.line(f"{len(staying)} stay: quarantined records, which no queue leads to")
