"""API keys, kept as the SHA-256 of their secrets: 256 random bits need no slow hash."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable

from fanfare.engines.embedded.database import Database, Row
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.engines.embedded.vault import new_store_key
from fanfare.model.instant import from_ms, to_ms
from fanfare.ports.api_keys import ApiKey, Scope
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent

PREFIX = "fanfare"
"""Lets a scanner of repositories and logs recognise a leaked secret."""
KEY_ID_BYTES = 5
SECRET_LENGTH_MAX = 128

_CREATE = statement("api_keys.create")
_CHECK = statement("api_keys.check")
_REVOKE = statement("api_keys.revoke")
_LIST = statement("api_keys.list")


class ApiKeys:
    """The keys of one store."""

    def __init__(self, database: Database, clock: Clock, *, draw: Callable[[], bytes] = new_store_key) -> None:
        """Keep them in this file; ``draw`` gives 32 bytes that nobody can guess."""
        self._database = database
        self._clock = clock
        self._draw = draw

    def create(self, person: str, scopes: frozenset[Scope]) -> str:
        """Make a key; return its secret."""
        if not person.strip() or not scopes:
            raise Permanent("a key needs the name of who answers for it and at least one scope")
        key_id = hashlib.sha256(self._draw()).hexdigest()[: 2 * KEY_ID_BYTES]
        secret = f"{PREFIX}_{key_id}_{urlsafe_b64encode(self._draw()).rstrip(b'=').decode()}"
        row = (key_id, person.strip(), " ".join(sorted(scopes)), _hash(secret), to_ms(self._clock.now()))
        self._database.change(_CREATE, row)
        return secret

    def check(self, secret: str) -> ApiKey | None:
        """Return the live key of a secret."""
        prefix, key_id, random_part = (*secret.split("_", 2), "", "")[:3]
        if prefix != PREFIX or not random_part or len(secret) > SECRET_LENGTH_MAX or not secret.isascii():
            return None
        row = self._database.row(_CHECK, (key_id,))
        return _key(row) if row and hmac.compare_digest(row[-1], _hash(secret)) else None

    def revoke(self, key_id: str) -> bool:
        """End a key; tell whether it was live."""
        return self._database.change(_REVOKE, (key_id, to_ms(self._clock.now()))) == 1

    def list(self) -> tuple[ApiKey, ...]:
        """Return every key, oldest first."""
        return tuple(_key(row) for row in self._database.rows(_LIST))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _key(row: Row) -> ApiKey:
    return ApiKey(
        key_id=row[0],
        person=row[1],
        scopes=frozenset(Scope(scope) for scope in row[2].split()),
        created_at=from_ms(row[3]),
        revoked_at=maybe_at(row[4]),
    )
