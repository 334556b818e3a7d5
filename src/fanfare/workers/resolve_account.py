"""Answer the account query (FLOW-9): from the account service, for at most five minutes from the cache.

Arrives: an account id that the caller may read. Leaves: the account in normal form with where the answer came from.
What is cached is sealed and short-lived; a missing account is remembered for a minute. May fail: Transient when the
service is down and nothing is cached; Permanent when our credentials are refused.
Original name: proxyTmAccountService.
"""

from dataclasses import dataclass

import msgspec

from fanfare.model.answer import AnswerSource
from fanfare.model.ids import FanId
from fanfare.ports.accounts import Account, Accounts
from fanfare.ports.cache import Cache
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Transient
from fanfare.ports.vault import Vault

FRESH_SECONDS = 60.0
STALE_SECONDS = 240.0
"""With the fresh minute an answer lives at most five minutes (it holds contact data)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAnswer:
    """An account, and how fresh it is."""

    account: Account | None
    source: AnswerSource


def run(account_id: FanId, *, cache: Cache, accounts: Accounts, vault: Vault, clock: Clock) -> AccountAnswer:
    """Return the account; the stale answer where the service is down."""
    key = f"account:{account_id}"
    now = clock.now()
    kept = cache.get(key, now)
    if kept is not None and kept[1]:
        return AccountAnswer(account=_decode(kept[0], vault), source=AnswerSource.CACHE)

    try:
        found = accounts.get(account_id)
    except Transient:
        if kept is None:
            raise
        return AccountAnswer(account=_decode(kept[0], vault), source=AnswerSource.STALE)

    sealed = vault.seal_text(msgspec.json.encode(found).decode())
    cache.put(key, sealed, now=now, fresh_seconds=FRESH_SECONDS, stale_seconds=STALE_SECONDS)
    return AccountAnswer(account=found, source=AnswerSource.SOURCE)


def _decode(value: bytes, vault: Vault) -> Account | None:
    text = vault.open_text(value)
    return msgspec.json.decode(text, type=Account | None) if text is not None else None
