"""The consent ledger. Each entry carries a hash over itself and the hash before it."""

import hashlib
from collections.abc import Sequence

import msgspec

from fanfare.engines.embedded.database import Database, Row, Tx
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash
from fanfare.model.instant import from_ms, to_ms
from fanfare.ports.consents import ConsentEntry

FIRST_HASH = bytes(32)
"""Stands before the first entry."""
WALK_ROWS = 10_000

_LAST = statement("consents.last")
_APPEND = statement("consents.append")
_OF_ADDRESS = statement("consents.of_address")
_WALK = statement("consents.walk")


class Consents:
    """The ledger of one store."""

    def __init__(self, database: Database) -> None:
        """Keep it in this file."""
        self._database = database

    def append(self, entries: Sequence[ConsentEntry]) -> None:
        """Append in order; durable when this returns."""
        if entries:
            self._database.write(lambda tx: _append(tx, entries))

    def of_address(self, channel: Channel, address_hash: AddressHash) -> tuple[ConsentEntry, ...]:
        """Return what was recorded for an address, oldest first."""
        return tuple(_entry(row) for row in self._database.rows(_OF_ADDRESS, (channel, address_hash)))

    def verify(self) -> int | None:
        """Walk the chain; return the number of the first entry that does not fit, None if all do."""
        seq, chain_hash = 0, FIRST_HASH
        while rows := self._database.rows(_WALK, (seq, WALK_ROWS)):
            for *fields, row_seq, row_hash in rows:
                seq, chain_hash = seq + 1, _chained(chain_hash, tuple(fields))
                if (row_seq, row_hash) != (seq, chain_hash):
                    return seq
        return None


def _append(tx: Tx, entries: Sequence[ConsentEntry]) -> None:
    last = tx.rows(_LAST)
    seq, chain_hash = last[0] if last else (0, FIRST_HASH)
    for seq_next, entry in enumerate(entries, seq + 1):
        row = _row(entry)
        chain_hash = _chained(chain_hash, row)
        tx.run(_APPEND, (seq_next, *row, chain_hash))


def _chained(before: bytes, row: Row) -> bytes:
    """Return SHA-256 over the former hash and this entry's fields as a JSON array (bytes in base64)."""
    return hashlib.sha256(before + msgspec.json.encode(row)).digest()


def _row(entry: ConsentEntry) -> Row:
    return (
        entry.fan_ref,
        entry.channel.value,
        entry.brand,
        bytes(entry.address_hash),
        entry.act,
        to_ms(entry.at),
        entry.text_id,
        entry.source,
        entry.locale,
    )


def _entry(row: Row) -> ConsentEntry:
    return ConsentEntry(
        fan_ref=row[0],
        channel=Channel(row[1]),
        brand=row[2],
        address_hash=AddressHash(row[3]),
        act=row[4],
        at=from_ms(row[5]),
        text_id=row[6],
        source=row[7],
        locale=row[8],
    )
