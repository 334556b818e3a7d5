"""What no restore may undo: the words of fans that came after the backup was made.

A backup knows nothing of a STOP, nor that somebody asked to be forgotten, after its instant. Both are told to the
copy before it takes the present store's place.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (apsw's stubs lean on a Buffer type that Python 3.11 lacks)

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import apsw

from fanfare.engines.embedded.clock import SystemClock
from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.demands import Demands
from fanfare.engines.embedded.opt_outs import OptOuts
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash, FanRef
from fanfare.model.instant import from_ms
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut

_ALL = statement("opt_outs.all")
_RECORD = statement("opt_outs.record")
_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def opt_outs(present: Path, copy: Database) -> bool:
    """Take over the opt-outs of the present store, the last word of each; tell whether it could be read.

    ``present`` is at rest: nobody has it open, and its log is empty.
    """
    try:
        # Immutable: a damaged file is not touched, and no log is made beside it.
        reader = apsw.Connection(f"file:{quote(str(present))}?immutable=1", flags=_READ_ONLY)
    except apsw.Error:
        return False
    try:
        rows = list(reader.execute(_ALL))
    except apsw.Error:  # no store, or one of another version
        return False
    finally:
        reader.close()
    copy.write(lambda tx: tx.run_many(_RECORD, rows))
    return True


def erasures(forgotten: Mapping[FanRef, int], copy: Database) -> None:
    """Do again to the copy what forgetting does to a store: the opt-outs stay, what leads to the fan goes."""
    demands, opted_out = Demands(copy, SystemClock()), OptOuts(copy)
    for fan_ref, at_ms in forgotten.items():
        given = {(each.channel, each.address_hash) for each in demands.of_fan(fan_ref) if each.address_sealed}
        if given:
            at = from_ms(at_ms)
            opted_out.record([_stop(address_hash, channel, at) for channel, address_hash in sorted(given)])
            demands.withdraw(fan_ref, at=at, target=None, brand=None, channel=None)
            demands.disown(fan_ref)


def _stop(address_hash: AddressHash, channel: Channel, at: datetime) -> OptOut:
    return OptOut(address_hash=address_hash, channel=channel, scope=EVERY_BRAND, active=True, at=at, source="forget")
