"""What every command shares: where the data is, how it answers, and how it ends.

``--data``, ``--json`` and ``--debug`` belong to every command and may stand before or after its name. A command gets
them from ``frame.of(ctx)`` and nothing else, so that none has to declare them.
"""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer
from typer.core import TyperCommand, TyperGroup

from fanfare.doors.cli import places
from fanfare.doors.cli.exits import CommandError, ExitCode

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class Frame:
    """The options that every command has."""

    data: Path | None = None
    as_json: bool = False
    debug: bool = False

    def data_dir(self) -> Path:
        """Return the data directory: ``--data``, else ``FANFARE_DATA``, else the current folder when it is one.

        Raises:
            CommandError: there is none.
        """
        return places.data_dir(self.data, os.environ)

    def answer(self, document: object, human: Callable[[], None]) -> None:
        """Write one JSON document on stdout, or what a person reads."""
        if self.as_json:
            write_json(document)
        else:
            human()


def of(ctx: typer.Context) -> Frame:
    """Return the frame of a running command."""
    return ctx.ensure_object(Frame)


def write_json(document: object, *, one_line: bool = False) -> None:
    """Write one JSON document on stdout."""
    import msgspec

    encoded = msgspec.json.encode(document, enc_hook=_encoded)
    text = encoded if one_line else msgspec.json.format(encoded, indent=2)
    sys.stdout.write(text.decode() + "\n")


def _encoded(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def group(about: str) -> typer.Typer:
    """Return an empty group of commands."""
    return typer.Typer(
        help=about,
        callback=_nothing_of_its_own,
        cls=FramedGroup,
        add_completion=False,
        rich_markup_mode=None,
    )


def single() -> typer.Typer:
    """Return the place of a command that stands alone."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def command(app: typer.Typer, name: str | None = None) -> Callable[[Function], Function]:
    """Declare a command with the options that every command has."""
    return cast("Callable[[Function], Function]", app.command(name, cls=FramedCommand))


@contextmanager
def found_in(what: str) -> Generator[None]:
    """Turn a missing or unreadable file into the end of a command."""
    try:
        yield
    except FileNotFoundError as error:
        raise CommandError(
            f"there is no {what} {error.filename}", fix="check the path", code=ExitCode.NOT_FOUND
        ) from error
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        reason = (error.strerror or "cannot be read").lower()
        raise CommandError(f"{error.filename}: {reason}", fix=f"name a {what} that you may read") from error


class FramedCommand(TyperCommand):
    """A command with ``--data``, ``--json`` and ``--debug``."""

    def __init__(self, name: str | None, **parts: Any) -> None:  # noqa: ANN401 - typer's own parameters, passed on
        """Add the options to the command's own."""
        super().__init__(name, **parts)
        self.params.extend(_frame_params())


class FramedGroup(TyperGroup):
    """A group that takes the options too, and shows its help when nothing follows."""

    def __init__(self, **parts: Any) -> None:  # noqa: ANN401 - as above
        """Add the options to the group's own."""
        super().__init__(**parts)
        self.params.extend(_frame_params())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the context's class is typer's secret
        """Read the command line; an empty one asks for help."""
        return super().parse_args(ctx, args or ["--help"])


def _nothing_of_its_own() -> None:
    """Stand in for the group itself, so that a group of one command stays a group."""


def _frame_params() -> list[Any]:
    """Return the options as typer makes them, kept out of the command function's arguments."""
    params = [param for param in typer.main.get_command(_carrier).params if param.name != "help"]
    for param in params:
        param.expose_value = False
    return params


_carrier = typer.Typer(add_completion=False)


def _keep_data(ctx: typer.Context, value: Path | None) -> None:
    if value is not None:
        of(ctx).data = value


def _keep_json(ctx: typer.Context, value: bool) -> None:
    of(ctx).as_json |= value


def _keep_debug(ctx: typer.Context, value: bool) -> None:
    of(ctx).debug |= value


@_carrier.command()
def _carried(
    _data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Data directory [env FANFARE_DATA].", callback=_keep_data),
    ] = None,
    _json: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON document on stdout.", callback=_keep_json)
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.", callback=_keep_debug)] = False,
) -> None:
    """Carry the options that every command has."""
