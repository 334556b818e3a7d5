"""A process that dies in the middle of a send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fanfare.ports.channels import Found, LookUp, LookUpFailed, MaySend, NotFound, Outcome, SmsBatch, SmsChannel
from fanfare.runtime import Runtime
from fanfare.topology import routes
from tests.stage import Stage


class KilledError(BaseException):
    """What a kill looks like from inside: nothing catches it."""


@dataclass
class DyingSms:
    """The real channel, and the process is killed right before or right after it did its work."""

    real: SmsChannel
    is_called: bool

    @property
    def provider(self) -> str:
        return self.real.provider

    def send(self, batch: SmsBatch, may_send: MaySend) -> tuple[Outcome, ...]:
        if self.is_called:
            self.real.send(batch, may_send)
        raise KilledError

    def look_up(self, queries: Sequence[LookUp]) -> tuple[Found | NotFound | LookUpFailed, ...]:
        return self.real.look_up(queries)


def be_killed(stage: Stage, *, after_the_call: bool) -> None:
    """Let the process die at its next send, and give its place to a new one."""
    world = replace(stage.world, sms=DyingSms(stage.world.sms, is_called=after_the_call))
    stage.world, stage.runtime = world, Runtime(routes(world), world)
    try:
        stage.pass_time(minutes=60)
    except KilledError:
        stage.restart()
        return
    raise AssertionError("nothing was sent, so nobody died")
