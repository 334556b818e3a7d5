"""The vault: seals, hashes, signs and forgets.

One key per fan, 32 random bytes, wrapped by the store key; everything of a fan is sealed under the fan's own key, so
destroying 60 bytes makes it unreadable wherever it went. Ciphers: AES-256-GCM with random nonces of 12 bytes and the
fan's ref as associated data (NIST SP 800-38D); HMAC-SHA256 cut to 16 bytes for the look-up hash; subkeys by HKDF.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fanfare.engines.embedded.database import Database
from fanfare.engines.embedded.fan_keys import FanKeys
from fanfare.engines.embedded.sql import statement
from fanfare.engines.embedded.tombstones import Tombstones
from fanfare.model.ids import AddressHash, FanRef, NotificationId
from fanfare.model.instant import EPOCH, from_ms, to_ms
from fanfare.model.report import AttemptRef
from fanfare.ports.clock import Clock
from fanfare.ports.faults import Permanent
from fanfare.ports.vault import ErasureCertificate

KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 16
BLOCK_BYTES = 16
FAN_BYTES = 8
DAY_BYTES = 4
TOKEN_CHARS = 22
"""One AES block in base64 without padding."""
KEY_BACKUP_DAYS = 7
"""How long a copy of the keys lives; a certificate of erasure names its end."""
TEXT_DAYS = 30

_FORGOTTEN = statement("vault.forgotten")
_ZEROS = bytes(8)


def new_store_key() -> bytes:
    """Draw a store key."""
    return os.urandom(KEY_BYTES)


class Vault:
    """The vault of one data directory. Addresses and keys exist in memory only while a call uses them."""

    def __init__(
        self, keys: FanKeys, tombstones: Tombstones, store: Database, *, store_key: bytes, clock: Clock
    ) -> None:
        """Open it with the store key.

        Raises:
            Permanent: it was made with another store key.
        """
        self._keys = keys
        self._tombstones = tombstones
        self._store = store
        self._clock = clock
        self._wrapper = AESGCM(_subkey(store_key, "wrap"))
        self._hash_key = _subkey(store_key, "address-hash")
        self._tokens = Cipher(algorithms.AES(_subkey(store_key, "callback")), modes.ECB())  # noqa: S305 - one block each
        self._links = AESSIV(_subkey(store_key, "fan-link", 2 * KEY_BYTES))
        mark = hmac.digest(_subkey(store_key, "mark"), b"fanfare", "sha256")
        if not hmac.compare_digest(keys.mark(mark), mark):
            raise Permanent("the vault was made with another store key; point FANFARE_KEY_FILE to that one")

    def hash(self, addresses: Sequence[str]) -> tuple[AddressHash, ...]:
        """Return the keyed hash of each normalised address."""
        key = self._hash_key
        return tuple(AddressHash(hmac.digest(key, address.encode(), "sha256")[:HASH_BYTES]) for address in addresses)

    def seal(self, fan_refs: Sequence[FanRef], addresses: Sequence[str]) -> tuple[bytes, ...]:
        """Encrypt each address under its fan's key, making keys that do not exist yet."""
        self._refuse_forgotten(fan_refs)
        ciphers = self._ciphers(fan_refs)
        missing = [fan_ref for fan_ref in dict.fromkeys(fan_refs) if fan_ref not in ciphers]
        if missing:
            ciphers |= self._made(missing)
        nonces = os.urandom(NONCE_BYTES * len(fan_refs))
        return tuple(
            (nonce := nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES])
            + ciphers[fan_ref].encrypt(nonce, address.encode(), _fan(fan_ref))
            for place, (fan_ref, address) in enumerate(zip(fan_refs, addresses, strict=True))
        )

    def open(self, fan_refs: Sequence[FanRef], sealed: Sequence[bytes]) -> tuple[str | None, ...]:
        """Decrypt each address; None where the fan's key was destroyed.

        Raises:
            Permanent: a ciphertext was altered, or belongs to another fan.
        """
        ciphers = self._ciphers(fan_refs)
        return tuple(
            _opened(ciphers.get(fan_ref), each, _fan(fan_ref)) for fan_ref, each in zip(fan_refs, sealed, strict=True)
        )

    def forget(self, fan_ref: FanRef) -> ErasureCertificate:
        """Destroy the fan's key: tombstone first, then a mark that every intent sees, then the key."""
        self._tombstones.catch_up()
        if self._tombstones.destroyed_ms(fan_ref) is None:
            self._tombstones.bury(fan_ref, to_ms(self._clock.now()))
        destroyed_ms = self._tombstones.all()[fan_ref]
        self._store.change(_FORGOTTEN, (fan_ref, destroyed_ms))
        self._keys.destroy((fan_ref,))
        destroyed_at = from_ms(destroyed_ms)
        return ErasureCertificate(
            fan_ref=fan_ref,
            destroyed_at=destroyed_at,
            backups_end_at=destroyed_at + timedelta(days=KEY_BACKUP_DAYS),
        )

    def settle_tombstones(self) -> int:
        """Finish what a crash or a restore left undone: no tombstone's fan keeps a key. Returns how many fans."""
        buried = self._tombstones.all()
        held = self._keys.of(buried)
        if buried:
            self._store.write(lambda tx: tx.run_many(_FORGOTTEN, sorted(buried.items())))
        if held:
            self._keys.destroy(held)
        return len(held)

    def seal_text(self, text: str) -> bytes:
        """Encrypt a text under the key of the day. The day stands in front, in the clear."""
        day = (self._clock.now() - EPOCH).days
        head = _day(day)
        wrapped = self._keys.of_day(day) or self._keys.put_day(day, self._new_key(head))
        nonce = os.urandom(NONCE_BYTES)
        return day.to_bytes(DAY_BYTES) + nonce + self._unwrapped(wrapped, head).encrypt(nonce, text.encode(), head)

    def open_text(self, sealed: bytes) -> str | None:
        """Decrypt such a text; None once its key is gone.

        Raises:
            Permanent: the ciphertext was altered.
        """
        day = int.from_bytes(sealed[:DAY_BYTES])
        wrapped = self._keys.of_day(day)
        cipher = None if wrapped is None else self._unwrapped(wrapped, _day(day))
        return _opened(cipher, sealed[DAY_BYTES:], _day(day))

    def expire_day_keys(self, now: datetime) -> int:
        """Destroy the keys of days that lie more than 30 days back; return how many."""
        return self._keys.expire_days((now - EPOCH).days - TEXT_DAYS)

    def callback_tokens(self, ids: Sequence[int], attempts: Sequence[int]) -> tuple[str, ...]:
        """Return an unforgeable name of each attempt: one AES block whose 8 zero bytes prove it on the way back."""
        if not ids:
            return ()
        blocks = b"".join(
            row_id.to_bytes(7) + bytes((attempt,)) + _ZEROS for row_id, attempt in zip(ids, attempts, strict=True)
        )
        sealed = self._tokens.encryptor().update(blocks)
        return tuple(_text(sealed[place : place + BLOCK_BYTES]) for place in range(0, len(sealed), BLOCK_BYTES))

    def read_callback_tokens(self, tokens: Sequence[str]) -> tuple[AttemptRef | None, ...]:
        """Return the attempt behind each token, None for a forged or mangled one."""
        sealed = b"".join(_block(token) for token in tokens)
        blocks = self._tokens.decryptor().update(sealed)
        return tuple(_attempt(blocks[place : place + BLOCK_BYTES]) for place in range(0, len(blocks), BLOCK_BYTES))

    def sign_fan(self, fan_ref: FanRef, purpose: str) -> str:
        """Return a link token: fan and purpose under AES-SIV, so it shows neither and cannot be altered."""
        return _text(self._links.encrypt(fan_ref.to_bytes(FAN_BYTES) + purpose.encode(), None))

    def read_fan(self, token: str) -> tuple[FanRef, str] | None:
        """Return the fan and the purpose behind a link token; None for a forged one."""
        try:
            opened = self._links.decrypt(_bytes(token), None)
        except (InvalidTag, ValueError):
            return None
        return FanRef(int.from_bytes(opened[:FAN_BYTES])), opened[FAN_BYTES:].decode()

    def _refuse_forgotten(self, fan_refs: Iterable[FanRef]) -> None:
        self._tombstones.catch_up()
        if any(self._tombstones.destroyed_ms(fan_ref) is not None for fan_ref in fan_refs):
            raise Permanent("a fan was forgotten; draw a new ref")

    def _made(self, fan_refs: Sequence[FanRef]) -> dict[FanRef, AESGCM]:
        """Make keys. A fan who is forgotten meanwhile is buried first, so looking once more after finds it."""
        stored = self._keys.put([(fan_ref, self._new_key(_fan(fan_ref))) for fan_ref in fan_refs])
        try:
            self._refuse_forgotten(fan_refs)
        except Permanent:
            self.settle_tombstones()
            raise
        return self._unwrapped_all(stored)

    def _ciphers(self, fan_refs: Sequence[FanRef]) -> dict[FanRef, AESGCM]:
        """Open the keys of fans. None is kept: a sale uses each once, and forgetting is at once."""
        return self._unwrapped_all(self._keys.of(fan_refs))

    def _unwrapped_all(self, wrapped: dict[FanRef, bytes]) -> dict[FanRef, AESGCM]:
        return {fan_ref: self._unwrapped(each, _fan(fan_ref)) for fan_ref, each in wrapped.items()}

    def _new_key(self, owner: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapper.encrypt(nonce, os.urandom(KEY_BYTES), owner)

    def _unwrapped(self, wrapped: bytes, owner: bytes) -> AESGCM:
        return AESGCM(self._wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner))


def _fan(fan_ref: FanRef) -> bytes:
    """Return what binds a ciphertext to its fan."""
    return b"fan" + fan_ref.to_bytes(FAN_BYTES)


def _day(day: int) -> bytes:
    """Return what binds a ciphertext to its day."""
    return b"day" + day.to_bytes(DAY_BYTES)


def _subkey(store_key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"fanfare/{purpose}/v1".encode()).derive(store_key)


def _opened(cipher: AESGCM | None, sealed: bytes, owner: bytes) -> str | None:
    if cipher is None or not sealed:
        return None
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner).decode()
    except InvalidTag as error:
        raise Permanent("a sealed text was altered or belongs to somebody else") from error


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Return what a text of ours stands for.

    Raises:
        ValueError: it is not in the one form that we write (the decoder alone skips strange characters).
    """
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(data) != text:
        raise ValueError("not base64url without padding")
    return data


def _block(token: str) -> bytes:
    """Return the token's block; for what cannot be one a block that proves nothing."""
    try:
        return _bytes(token) if len(token) == TOKEN_CHARS else bytes(BLOCK_BYTES)
    except ValueError:
        return bytes(BLOCK_BYTES)


def _attempt(block: bytes) -> AttemptRef | None:
    if block[8:] != _ZEROS:
        return None
    return AttemptRef(notification_id=NotificationId(int.from_bytes(block[:7])), attempt=block[7])
