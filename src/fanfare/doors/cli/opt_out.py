"""``fanfare opt-out``: a fan asked, by another way than a text or a link, to be left alone."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.model.channel import Channel
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.topology import World, opt_out_ground

SOURCE = "api"

app = frame.single()


@frame.command(app)
def opt_out(
    ctx: typer.Context,
    fan: Annotated[str, typer.Option(help="The fan's account id.")],
    channel: Annotated[Channel | None, typer.Option(help="Only this channel.")] = None,
    brand: Annotated[str | None, typer.Option(help="Only this brand; every brand where it is left out.")] = None,
) -> None:
    """Record that a fan wants no more messages, on every address they gave, and end what waits for them.

    Only the fan lifts it again: by START from the phone, or by a later opt-in at our own door.
    """
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here:
        stopped = _stop(fan, channel, brand, here.world)
    answer = {"fan": fan, "brand": brand, "opted_out": {name.value: count for name, count in stopped.items()}}
    told = ", ".join(f"{count} {name} address(es)" for name, count in stopped.items()) or "no address on that channel"
    desk.answer(answer, lambda: screen.line(f"opted out: {told}"))


def _stop(fan: str, channel: Channel | None, brand: str | None, world: World) -> dict[Channel, int]:
    from fanfare.doors.cli.fans import known_fan
    from fanfare.workers import apply_opt_outs

    fan_ref = known_fan(fan, world.demands)
    given = {(demand.channel, demand.address_hash) for demand in world.demands.of_fan(fan_ref)}
    wanted = sorted(pair for pair in given if channel in (None, pair[0]))
    ground, now = opt_out_ground(world), world.clock.now()
    for on, address_hash in wanted:
        apply_opt_outs.stop(address_hash, on, brand or EVERY_BRAND, now, SOURCE, ground=ground)
    return {on: sum(1 for found, _ in wanted if found is on) for on in Channel if any(f is on for f, _ in wanted)}
