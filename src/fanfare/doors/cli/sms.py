"""``fanfare sms``: what a text costs before it is sent."""

import sys
from typing import Annotated

import typer

from fanfare.doors.cli import frame
from fanfare.doors.cli.frame import Frame

app = frame.group("Texts: encoding, units and segments.")


@frame.command(app, "inspect")
def inspect(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="The text; - reads one text a line from stdin.")],
) -> None:
    """Measure a text as a provider would.

    A text in GSM-7 has 160 septets in one segment; one character outside it makes the whole text UCS-2, with 70.
    """
    desk = frame.of(ctx)
    if text != "-":
        _measure(text, desk, one_line=False)
        return
    for line in sys.stdin:
        _measure(line.rstrip("\r\n"), desk, one_line=True)


def _measure(text: str, desk: Frame, *, one_line: bool) -> None:
    from fanfare.rules import gsm7

    size = gsm7.inspect(text)
    if desk.as_json:
        frame.write_json(
            {"encoding": size.encoding.value, "units": size.units, "segments": size.segments}, one_line=one_line
        )
    else:
        sys.stdout.write(f"{size.encoding.value}  {size.units} units  {size.segments} segment(s)\n")
