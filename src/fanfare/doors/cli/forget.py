"""``fanfare forget``: erase a fan."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.model.ids import FanId
from fanfare.ports.vault import ErasureCertificate

app = frame.single()


@frame.command(app)
def forget(
    ctx: typer.Context,
    fan: Annotated[str, typer.Argument(metavar="FAN", help="The fan's account id.")],
) -> None:
    """Erase a fan: destroy the key that every copy of their data is sealed under. It cannot be undone.

    What waits for them is ended, and the opt-out stays as a keyed hash, so that no import brings them back. The
    certificate names the day on which the last backup that could hold the key has been deleted.
    """
    from fanfare.doors.cli.fans import known_fan
    from fanfare.doors.cli.opening import opened
    from fanfare.workers import forget_fans

    desk = frame.of(ctx)
    with opened(desk) as here:
        known_fan(fan, here.engine.demands)
        (certificate,) = forget_fans.run(
            [FanId(fan)],
            demands=here.engine.demands,
            notifications=here.engine.notifications,
            opt_outs=here.engine.opt_outs,
            vault=here.engine.vault,
            clock=here.engine.clock,
        )
    answer = {
        "fan": fan,
        "fan_ref": certificate.fan_ref,
        "destroyed_at": certificate.destroyed_at,
        "backups_end_at": certificate.backups_end_at,
    }
    desk.answer(answer, lambda: _tell(fan, certificate))


def _tell(fan: str, certificate: ErasureCertificate) -> None:
    screen.line("Certificate of erasure")
    screen.facts(
        {
            "fan": fan,
            "internal reference": certificate.fan_ref,
            "key destroyed at": certificate.destroyed_at,
            "last key backup ends": certificate.backups_end_at,
        }
    )
