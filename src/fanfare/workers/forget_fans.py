"""Erase a fan (``fanfare forget``): destroy the key that every copy of their data is sealed under.

Arrives: fan ids. Leaves: waiting rows ended, demands withdrawn, the data key destroyed, the opt-out kept as its hash,
and a certificate with the date when the last key backup ends. May fail: Permanent for a fan nobody knows. Repeating it
gives the same certificate.
Original name: none.
"""

import logging
from collections.abc import Sequence

from fanfare import telemetry
from fanfare.model.channel import Channel
from fanfare.model.ids import FanId, FanRef
from fanfare.model.notification import Reason, State
from fanfare.ports.clock import Clock
from fanfare.ports.demands import Demands
from fanfare.ports.faults import Permanent
from fanfare.ports.notifications import Notifications
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut, OptOuts
from fanfare.ports.vault import ErasureCertificate, Vault
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)


def run(
    batch: Sequence[FanId],
    *,
    demands: Demands,
    notifications: Notifications,
    opt_outs: OptOuts,
    vault: Vault,
    clock: Clock,
) -> tuple[ErasureCertificate, ...]:
    """Forget each fan; return the certificates in order."""
    refs = demands.fan_refs(batch)
    missing = [fan_id for fan_id in batch if fan_id not in refs]
    if missing:
        raise Permanent(f"{len(missing)} of {len(batch)} fans are not known; check the fan id")

    return tuple(
        _forget(refs[fan_id], demands=demands, notifications=notifications, opt_outs=opt_outs, vault=vault, clock=clock)
        for fan_id in batch
    )


def _forget(
    fan_ref: FanRef, *, demands: Demands, notifications: Notifications, opt_outs: OptOuts, vault: Vault, clock: Clock
) -> ErasureCertificate:
    now = clock.now()
    given = {(demand.channel, demand.address_hash) for demand in demands.of_fan(fan_ref)}
    opt_outs.record(
        [
            OptOut(address_hash=address_hash, channel=channel, scope=EVERY_BRAND, active=True, at=now, source="forget")
            for channel, address_hash in sorted(given)
        ]
    )
    for channel in Channel:
        notifications.close_fan(fan_ref, channel, State.SUPPRESSED, Reason.FORGOTTEN, now)
    demands.withdraw(fan_ref, at=now, target=None, brand=None, channel=None)
    certificate = vault.forget(fan_ref)
    demands.disown(fan_ref)
    telemetry.log(logger, Fact.FAN_FORGOTTEN, fan_ref=fan_ref)
    return certificate
