"""Wrapped keys in ``vault.db``: of fans, of days, and the mark of the store key. Nothing here can unwrap one."""

from collections.abc import Iterable, Sequence

from fanfare.engines.embedded.database import Database, Tx, integers
from fanfare.engines.embedded.sql import statement
from fanfare.model.ids import FanRef
from fanfare.ports.faults import Transient

_GET = statement("vault.fan_keys")
_PUT = statement("vault.fan_keys/put")
_DESTROY = statement("vault.fan_keys/destroy")
_DAY_KEY = statement("vault.day_key")
_PUT_DAY_KEY = statement("vault.day_key/put")
_EXPIRE_DAY_KEYS = statement("vault.day_key/expire")
_MARK = statement("vault.mark")
_PUT_MARK = statement("vault.mark/put")


class FanKeys:
    """The keys of one ``vault.db``, which must be open with ``secure_delete``."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def of(self, fan_refs: Iterable[FanRef]) -> dict[FanRef, bytes]:
        """Return the wrapped keys of the fans that have one."""
        wanted = sorted(set(fan_refs))
        rows = self._database.rows(_GET, (integers(wanted),)) if wanted else ()
        return {FanRef(row[0]): row[1] for row in rows}

    def put(self, wrapped: Sequence[tuple[FanRef, bytes]]) -> dict[FanRef, bytes]:
        """Store keys of fans that have none, durably; return the keys that hold now, ours or who came first."""
        refs = integers(sorted(fan_ref for fan_ref, _ in wrapped))

        def work(tx: Tx) -> dict[FanRef, bytes]:
            tx.run_many(_PUT, sorted(wrapped))
            return {FanRef(row[0]): row[1] for row in tx.rows(_GET, (refs,))}

        return self._database.write(work)

    def destroy(self, fan_refs: Iterable[FanRef]) -> None:
        """Overwrite keys with zeros, in the file and in the log before it.

        Raises:
            Transient: a reader held the log; repeat it.
        """
        self._database.write(lambda tx: tx.run_many(_DESTROY, [(fan_ref,) for fan_ref in fan_refs]))
        self._wipe_log()

    def of_day(self, day: int) -> bytes | None:
        """Return the wrapped key of a day (days since 1970-01-01, UTC)."""
        wrapped: bytes | None = self._database.value(_DAY_KEY, (day,))
        return wrapped

    def put_day(self, day: int, wrapped: bytes) -> bytes:
        """Store a day's key if it has none; return the one that holds now."""

        def work(tx: Tx) -> bytes:
            tx.run(_PUT_DAY_KEY, (day, wrapped))
            return tx.value(_DAY_KEY, (day,))

        return self._database.write(work)

    def expire_days(self, before: int) -> int:
        """Overwrite the keys of days before a day; return how many."""
        expired = self._database.change(_EXPIRE_DAY_KEYS, (before,))
        if expired:
            self._wipe_log()
        return expired

    def mark(self, ours: bytes) -> bytes:
        """Store the mark of the store key if there is none; return the stored one."""

        def work(tx: Tx) -> bytes:
            tx.run(_PUT_MARK, (ours,))
            return tx.value(_MARK)

        return self._database.value(_MARK) or self._database.write(work)

    def _wipe_log(self) -> None:
        if not self._database.checkpoint():
            raise Transient("a reader holds the vault's log; the key is not yet out of it", retry_after_seconds=1.0)
