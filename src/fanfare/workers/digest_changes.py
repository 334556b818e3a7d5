"""Keep the change log provable and small.

Arrives: a tick. Leaves: a digest of each hour that is over, changes pruned once delivered and seven days old, day keys
and key backups destroyed at their age. May fail: Transient when the store is out of reach.
Original name: none.
"""

import logging
from datetime import datetime

from fanfare import telemetry
from fanfare.ports.upkeep import Upkeep
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)


def run(tick: datetime, *, upkeep: Upkeep) -> int:
    """Digest, prune and expire; return how many digests were written."""
    digests = upkeep.digest(tick)

    pruned = upkeep.prune(tick)
    keys = upkeep.expire_keys(tick)

    if digests or pruned or keys:
        telemetry.log(logger, Fact.CHANGES_DIGESTED, digests=digests, pruned=pruned, keys=keys)
    return digests
