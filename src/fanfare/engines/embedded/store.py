"""The embedded engine: one data directory, opened, as a bundle of ports.

The directory holds ``store.db``, ``vault.db``, ``tombstones``, ``backups/`` and ``serve.lock``. The store key's file
lies elsewhere.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from fanfare.engines.embedded import files, keys
from fanfare.engines.embedded.api_keys import ApiKeys
from fanfare.engines.embedded.cache import Cache
from fanfare.engines.embedded.changes import Changes, Checkpoints
from fanfare.engines.embedded.clock import SystemClock
from fanfare.engines.embedded.consents import Consents
from fanfare.engines.embedded.database import Database, Watch
from fanfare.engines.embedded.demands import Demands
from fanfare.engines.embedded.events import Events
from fanfare.engines.embedded.fan_keys import FanKeys
from fanfare.engines.embedded.files import BACKUPS_FOLDER, STORE_FILE, TOMBSTONES_FILE, VAULT_FILE
from fanfare.engines.embedded.ids import SystemIds
from fanfare.engines.embedded.inbox import Inbox
from fanfare.engines.embedded.links import Redirects
from fanfare.engines.embedded.measures import Measures
from fanfare.engines.embedded.notifications import Notifications
from fanfare.engines.embedded.opt_outs import OptOuts
from fanfare.engines.embedded.plans import Plans
from fanfare.engines.embedded.queues import Queues
from fanfare.engines.embedded.sales import Sales
from fanfare.engines.embedded.switches import Switches
from fanfare.engines.embedded.tokens import Tokens
from fanfare.engines.embedded.tombstones import Tombstones
from fanfare.engines.embedded.upkeep import Upkeep
from fanfare.engines.embedded.vault import Vault, new_store_key
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent
from fanfare.ports.ids import Ids

MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - a folder of random name is made inside
FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedEngine:
    """Every port that holds state, on one data directory. Threads may share it; each process opens its own."""

    data_dir: Path
    events: Events
    sales: Sales
    demands: Demands
    notifications: Notifications
    plans: Plans
    opt_outs: OptOuts
    consents: Consents
    vault: Vault
    queues: Queues
    changes: Changes
    checkpoints: Checkpoints
    tokens: Tokens
    cache: Cache
    inbox: Inbox
    redirects: Redirects
    switches: Switches
    measures: Measures
    upkeep: Upkeep
    api_keys: ApiKeys
    clock: Clock
    ids: Ids
    store: Database
    """For the audit and the doctor, which read the tables themselves."""
    key_store: Database
    is_temporary: bool = False

    @classmethod
    def create(cls, data_dir: Path, key_file: Path, *, clock: Clock | None = None, ids: Ids | None = None) -> Self:
        """Make a data directory, and its key file where there is none yet; open it.

        Raises:
            Permanent: the directory has a store already, or the key file lies inside it or is readable to others.
        """
        if key_file.resolve().is_relative_to(data_dir.resolve()):
            raise Permanent(f"{key_file} lies inside the data directory; a copy of that would carry its own key")
        data_dir.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        if not key_file.exists():
            keys.create_key_file(key_file, new_store_key())
        databases = _created(data_dir, flush=True)
        return cls._bundle(data_dir, databases, keys.read_key_file(key_file), clock=clock, ids=ids)

    @classmethod
    def open(cls, data_dir: Path, key_file: Path, *, clock: Clock | None = None, ids: Ids | None = None) -> Self:
        """Open a data directory that ``create`` made.

        Raises:
            Permanent: a file is missing, not ours, or of another version; or the key is the wrong one.
        """
        store_key = keys.read_key_file(key_file)
        store = files.open_existing(data_dir / STORE_FILE, "store")
        key_store = files.open_existing(data_dir / VAULT_FILE, "vault")
        return cls._bundle(data_dir, (store, key_store), store_key, clock=clock, ids=ids)

    @classmethod
    def temporary(cls, *, clock: Clock | None = None, ids: Ids | None = None) -> Self:
        """Make an engine in memory, with a key of its own, that ``close`` removes: for tests and practice."""
        parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
        data_dir = Path(tempfile.mkdtemp(prefix="fanfare-", dir=parent))
        databases = _created(data_dir, flush=False)
        return cls._bundle(data_dir, databases, new_store_key(), clock=clock, ids=ids, is_temporary=True)

    def watch(self) -> Watch:
        """Return what tells that any connection committed to the store; for one thread."""
        return Watch(self.store)

    def close(self) -> None:
        """Close every connection; a temporary engine's files are removed."""
        self.store.close()
        self.key_store.close()
        if self.is_temporary:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    @classmethod
    def _bundle(
        cls, data_dir: Path, databases: tuple[Database, Database], store_key: bytes, *, clock: Clock | None,
        ids: Ids | None, is_temporary: bool = False,
    ) -> Self:  # fmt: skip
        store, key_store = databases
        clock = clock or SystemClock()
        changes = Changes(store)
        tombstones = Tombstones(data_dir / TOMBSTONES_FILE)
        vault = Vault(FanKeys(key_store), tombstones, store, store_key=store_key, clock=clock)
        vault.settle_tombstones()
        return cls(
            data_dir=data_dir,
            events=Events(store, clock),
            sales=Sales(store, clock),
            demands=Demands(store, clock),
            notifications=Notifications(store),
            plans=Plans(store),
            opt_outs=OptOuts(store),
            consents=Consents(store),
            vault=vault,
            queues=Queues(store, clock),
            changes=changes,
            checkpoints=Checkpoints(store),
            tokens=Tokens(store),
            cache=Cache(store),
            inbox=Inbox(store, vault),
            redirects=Redirects(store),
            switches=Switches(store),
            measures=Measures(store),
            api_keys=ApiKeys(store, clock),
            upkeep=Upkeep(changes, vault, data_dir),
            clock=clock,
            ids=ids or SystemIds(),
            store=store,
            key_store=key_store,
            is_temporary=is_temporary,
        )


def _created(data_dir: Path, *, flush: bool) -> tuple[Database, Database]:
    (data_dir / BACKUPS_FOLDER).mkdir(exist_ok=True, mode=FOLDER_MODE)
    store = files.create(data_dir / STORE_FILE, "store", flush=flush)
    return store, files.create(data_dir / VAULT_FILE, "vault", flush=flush)
