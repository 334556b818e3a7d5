"""``fanfare``: the list of commands, each imported only when it is used, and how any of them ends."""

import sys
import traceback
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand
from typer.exceptions import Abort, TyperException

from fanfare.doors.cli.frame import Frame, FramedGroup

PLACE = "fanfare.doors.cli"


@dataclass(frozen=True, slots=True)
class Later:
    """A command that is not imported yet."""

    module: str
    about: str
    app: str = "app"


COMMANDS = {
    "init": Later("init", "Make a data directory, its settings file and its key."),
    "demo": Later("demo", "A whole on-sale night on the practice stage, in a minute."),
    "serve": Later("serve", "Run Fanfare: web door, workers, lake."),
    "doctor": Later("doctor", "Look for what is wrong, and say the fix."),
    "events": Later("events", "Events: import from files, sync from the Discovery API."),
    "demands": Later("demands", "Opt-ins: import from a file, with proof of consent."),
    "sale": Later("sale", "Sales: list, show, set, suppress."),
    "why": Later("why", "Why a fan got a message for a sale, or none; totals."),
    "targets": Later("targets", "The service targets against what was measured."),
    "message": Later("message", "Words: preview a message, send one to yourself."),
    "sms": Later("sms", "Texts: encoding, units and segments."),
    "opt-out": Later("opt_out", "Record that a fan wants no more messages."),
    "forget": Later("forget", "Erase a fan; prints the certificate."),
    "pause": Later("switches", "Stop sending, in every process, within a second.", "pausing"),
    "resume": Later("switches", "Let sending go on.", "resuming"),
    "dead-letters": Later("dead_letters", "Work that was given up: list it, send it again."),
    "apikey": Later("apikey", "Keys of the web API: create, revoke, list."),
    "config": Later("config", "Settings: each value and where it came from."),
    "db": Later("db", "The store: backup, restore, upgrade."),
    "lab": Later("lab", "The practice stage: the partners' protocols on loopback."),
}
"""Name -> module beside this one. ``--help`` reads only this table."""


class Root(FramedGroup):
    """The group of all commands: stubs for the help, the real one when it is called."""

    def __init__(self, **parts: Any) -> None:  # noqa: ANN401 - typer's own parameters, passed on
        """Put a stub for each command."""
        super().__init__(**parts)
        for name, later in COMMANDS.items():
            self.add_command(TyperCommand(name, help=later.about, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the context's class is typer's secret
        """Return the command itself in place of its stub."""
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub and load(str(name)), rest

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as typer's own, whatever it is called with
        """Run a command line and exit with its code; an error is one line on stderr, and JSON where that is asked."""
        words = args[0] if args else options.pop("args", None)
        given = list(sys.argv[1:] if words is None else words)
        frame = Frame()
        options = {"prog_name": "fanfare", **options, "standalone_mode": False, "obj": frame}
        try:
            code = super().main(given, **options)
        except Exception as error:  # noqa: BLE001 - the door is where every error ends
            frame.as_json |= "--json" in given
            frame.debug |= "--debug" in given
            code = _told(error, frame)
        sys.exit(code if isinstance(code, int) else 0)


def load(name: str) -> Any:  # noqa: ANN401 - a command or a group; typer has no public name for both
    """Import a command."""
    later = COMMANDS[name]
    module = import_module(f"{PLACE}.{later.module}")
    return typer.main.get_command(cast("typer.Typer", getattr(module, later.app)))


app = typer.Typer(
    cls=Root,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(value: bool) -> None:
    if value:
        sys.stdout.write(f"fanfare {metadata.version('fanfare')}\n")
        raise typer.Exit


@app.callback()
def fanfare(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Tell fans, once only, that tickets are about to go on sale.

    Start with 'fanfare demo' (a practice night, nothing is sent anywhere) or 'fanfare init DIR'. Nothing reaches a real
    phone or mailbox unless fanfare.toml says live = true.
    """


def _told(error: Exception, frame: Frame) -> int:
    """Write an error and return the exit code."""
    from fanfare.doors.cli.exits import ExitCode

    if frame.debug:
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):
        return ExitCode.OK
    told = _as_command_error(error)
    sys.stderr.write(f"{told}\n")
    if frame.as_json:
        from fanfare.doors.cli.frame import write_json

        write_json({"error": {"what": told.what, "fix": told.fix, "exit_code": told.code}})
    return told.code


def _as_command_error(error: Exception) -> Any:  # noqa: ANN401 - a CommandError; its module is imported late
    from fanfare.doors.cli import exits
    from fanfare.ports.faults import Fault
    from fanfare.settings import SettingsError

    told: exits.CommandError
    match error:
        case exits.CommandError():
            told = error
        case TyperException():
            told = exits.CommandError(" ".join(error.format_message().split()), fix="see --help of the command")
        case Abort():
            told = exits.CommandError("interrupted", fix="run it again", code=exits.ExitCode.INTERRUPTED)
        case Fault():
            told = exits.from_fault(error)
        case SettingsError():
            told = exits.from_settings(error)
        case OSError():
            told = exits.from_system(error)
        case _:
            told = exits.from_defect(error)
    return told
