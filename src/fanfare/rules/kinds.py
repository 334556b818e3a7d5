"""What binds each kind of message: until when it may go, and whether opt-out and quiet hours stop it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from fanfare.model.notification import MessageKind


class CutOff(StrEnum):
    """What ends the time in which a message may go out."""

    OPENING = "opening"
    """The opening of its sale."""
    AGE = "age"
    """Its own age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The rules of one kind of message."""

    cut_off: CutOff
    valid_minutes: int
    """How old it may grow; for an ``OPENING`` kind only where no opening is known (a cancelled sale)."""
    opt_out_binds: bool
    quiet_hours_bind: bool
    is_reply: bool
    """Answers a text that the fan just sent: goes before everything that waits."""


BINDINGS: Mapping[MessageKind, Binding] = MappingProxyType(
    {
        MessageKind.REMINDER: Binding(
            cut_off=CutOff.OPENING, valid_minutes=0, opt_out_binds=True, quiet_hours_bind=True, is_reply=False
        ),
        MessageKind.SALE_CHANGED: Binding(
            cut_off=CutOff.OPENING, valid_minutes=24 * 60, opt_out_binds=True, quiet_hours_bind=True, is_reply=False
        ),
        # Not a solicitation, but a file of opt-ins is loaded at any hour and nobody waits for its answer at night.
        MessageKind.OPT_IN_CONFIRMED: Binding(
            cut_off=CutOff.AGE, valid_minutes=24 * 60, opt_out_binds=True, quiet_hours_bind=True, is_reply=False
        ),
        # One confirmation, within five minutes, may follow an opt-out: 47 CFR 64.1200(a)(12).
        MessageKind.OPT_OUT_CONFIRMED: Binding(
            cut_off=CutOff.AGE, valid_minutes=5, opt_out_binds=False, quiet_hours_bind=False, is_reply=True
        ),
        MessageKind.START_CONFIRMED: Binding(
            cut_off=CutOff.AGE, valid_minutes=60, opt_out_binds=True, quiet_hours_bind=False, is_reply=True
        ),
        # HELP is answered whether or not the fan opted out (CTIA).
        MessageKind.HELP: Binding(
            cut_off=CutOff.AGE, valid_minutes=60, opt_out_binds=False, quiet_hours_bind=False, is_reply=True
        ),
    }
)


def cut_off_at(kind: MessageKind, *, made_at: datetime, opens_at: datetime | None) -> datetime:
    """Return the instant at or after which no call for the message may begin.

    ``made_at`` is when its occasion arose, ``opens_at`` when its sale opens; None where there is no sale, or none that
    will open.
    """
    binding = BINDINGS[kind]
    if binding.cut_off is CutOff.OPENING and opens_at is not None:
        return opens_at
    return made_at + timedelta(minutes=binding.valid_minutes)
