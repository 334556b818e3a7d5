"""Finding the fan that a command names."""

from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.model.ids import FanId, FanRef
from fanfare.ports.demands import Demands


def known_fan(fan: str, demands: Demands) -> FanRef:
    """Return the internal reference of a fan.

    Raises:
        CommandError: nobody knows the fan, or the fan was forgotten.
    """
    fan_ref = demands.fan_refs([FanId(fan)]).get(FanId(fan))
    if fan_ref is None:
        raise CommandError(
            f"there is no fan {fan}, or they were forgotten", fix="check the account id", code=ExitCode.NOT_FOUND
        )
    return fan_ref
