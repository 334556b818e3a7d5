"""Opt-outs, by keyed hash of the address."""

from collections.abc import Sequence

from fanfare.engines.embedded.database import Database, blobs
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash
from fanfare.model.instant import to_ms
from fanfare.ports.opt_outs import OptOut

_RECORD = statement("opt_outs.record")
_OF = statement("opt_outs.of")


class OptOuts:
    """The opt-outs of one store."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def record(self, opt_outs: Sequence[OptOut]) -> None:
        """Store each; an older instant never replaces a newer one."""
        rows = [(each.address_hash, each.channel, each.scope, each.active, to_ms(each.at), each.source)
                for each in opt_outs]  # fmt: skip
        self._database.write(lambda tx: tx.run_many(_RECORD, rows))

    def of(self, channel: Channel, address_hashes: Sequence[AddressHash]) -> dict[AddressHash, frozenset[str]]:
        """Return the active scopes of those addresses that opted out."""
        if not address_hashes:
            return {}
        scopes: dict[AddressHash, frozenset[str]] = {}
        for address_hash, scope in self._database.rows(_OF, (channel, blobs(address_hashes))):
            scopes[address_hash] = scopes.get(address_hash, frozenset()) | {scope}
        return scopes
