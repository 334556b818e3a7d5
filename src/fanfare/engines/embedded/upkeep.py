"""Housekeeping: digests of the change log, what may be dropped from it, keys that have reached their age."""

from datetime import datetime, timedelta
from pathlib import Path

from fanfare.engines.embedded import backup
from fanfare.engines.embedded.changes import Changes
from fanfare.engines.embedded.vault import Vault

KEPT_DAYS = 7
"""How long a change stays after every consumer has passed it."""


class Upkeep:
    """Keeps one data directory small and provable."""

    def __init__(self, changes: Changes, vault: Vault, data_dir: Path) -> None:
        """Look after this log, these keys and the backups of this directory."""
        self._changes = changes
        self._vault = vault
        self._data_dir = data_dir

    def digest(self, now: datetime) -> int:
        """Digest the hours that have ended; return how many digests were written."""
        return self._changes.digest(now)

    def prune(self, now: datetime) -> int:
        """Drop digested changes older than 7 days that all consumers (checkpoints ``changes:*``) have passed."""
        return self._changes.prune(before=now - timedelta(days=KEPT_DAYS))

    def expire_keys(self, now: datetime) -> int:
        """Destroy day keys older than 30 days and key backups older than 7 days; return how many."""
        return self._vault.expire_day_keys(now) + backup.expire_key_backups(self._data_dir, now)
