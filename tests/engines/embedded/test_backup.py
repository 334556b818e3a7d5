"""Backups and restores: what was forgotten stays forgotten, and sending starts paused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest

from fanfare.engines.embedded import backup, files, locks
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef
from fanfare.ports.faults import Permanent
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from tests.ports.given import EVENT, Given, an_address_hash, an_event

Reopen = Callable[[], EmbeddedEngine]
PHONE = "+15550100001"


def test_a_restored_store_is_the_old_one_and_paused(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    engine = reopened()
    engine.events.put(an_event())
    name = backup.backup(data_dir, clock.now()).name
    engine.events.put(an_event(version=2))
    assert engine.switches.paused() is None
    engine.close()

    backup.restore(data_dir, name)

    restored = reopened()
    assert restored.events.get([EVENT])[EVENT].version == 1
    assert f"restored from backup {name}" in (restored.switches.paused() or "")
    assert {path.stat().st_mode & 0o077 for path in data_dir.iterdir()} == {0}, "nothing is anybody else's to read"
    assert (data_dir / "store.db.old").exists()


def test_a_backup_is_taken_while_others_write(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    engine = reopened()
    given = Given(engine)
    given.sale()
    given.rows(given.fans(500))

    folder = backup.backup(data_dir, clock.now())

    assert sorted(file.name for file in folder.iterdir()) == ["store.db", "vault.db"]
    copy = files.open_existing(folder / "store.db", "store")
    assert copy.value("SELECT count(*) FROM notification") == 500
    copy.close()


def test_a_forgotten_fan_stays_forgotten_after_a_restore(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    engine = reopened()
    sealed = engine.vault.seal([FanRef(1), FanRef(2)], [PHONE, PHONE])
    name = backup.backup(data_dir, clock.now()).name
    wrapped = engine.key_store.value("SELECT wrapped FROM fan_key WHERE fan_ref = 1")
    certificate = engine.vault.forget(FanRef(1))
    engine.close()

    backup.restore(data_dir, name)

    assert not [path.name for path in data_dir.iterdir() if path.is_file() and wrapped in path.read_bytes()]
    restored = reopened()
    assert restored.vault.open([FanRef(1), FanRef(2)], sealed) == (None, PHONE)
    assert restored.vault.forget(FanRef(1)) == certificate
    assert restored.key_store.value("SELECT count(*) FROM fan_key") == 1
    assert restored.store.value("SELECT count(*) FROM forgotten") == 1


def test_a_stop_after_the_backup_was_lost_by_the_restore_and_survives(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    given = Given(engine)
    engine.opt_outs.record([a_word(3, given.now)])
    name = backup.backup(data_dir, clock.now()).name
    clock.advance(seconds=60)
    engine.opt_outs.record([a_word(1, given.now), a_word(3, given.now, active=False)])
    engine.close()

    for _ in range(2):  # a second restore knows no less than the first
        backup.restore(data_dir, name)

    hashes = [an_address_hash(number) for number in (1, 2, 3)]
    assert reopened().opt_outs.of(Channel.SMS, hashes) == {an_address_hash(1): frozenset({EVERY_BRAND})}


def test_a_fan_who_was_forgotten_since_is_not_known_again_and_a_new_import_does_not_revive_them(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    (fan_ref,) = Given(engine).fans(1)
    (demand,) = engine.demands.of_fan(fan_ref)
    name = backup.backup(data_dir, clock.now()).name
    engine.vault.forget(fan_ref)
    engine.close()
    (data_dir / "store.db").write_bytes(b"a disk that died" * 1000)

    backup.restore(data_dir, name)

    restored = reopened()
    assert restored.demands.fan_refs([demand.fan_id]) == {}
    assert not [each.active for each in restored.demands.of_fan(fan_ref) if each.active]
    scopes = restored.opt_outs.of(Channel.SMS, [demand.address_hash])
    assert scopes == {demand.address_hash: frozenset({EVERY_BRAND})}


def test_a_store_that_is_damaged_beyond_reading_stopped_its_own_restore_and_is_replaced(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    engine.events.put(an_event())
    name = backup.backup(data_dir, clock.now()).name
    engine.close()
    (data_dir / "store.db").write_bytes(b"a disk that died" * 1000)

    backup.restore(data_dir, name)

    restored = reopened()
    assert EVENT in restored.events.get([EVENT])
    assert "could not be read" in (restored.switches.paused() or "")
    assert not list(data_dir.glob("*.restoring*"))


def a_word(number: int, at: datetime, *, active: bool = True) -> OptOut:
    return OptOut(
        address_hash=an_address_hash(number), channel=Channel.SMS, scope=EVERY_BRAND, active=active, at=at, source="api"
    )


def test_key_backups_die_after_seven_days_and_the_store_can_still_be_restored(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    sealed = engine.vault.seal([FanRef(1)], [PHONE])
    folder = backup.backup(data_dir, clock.now())
    assert engine.upkeep.expire_keys(clock.now() + timedelta(days=7)) == 0

    assert engine.upkeep.expire_keys(clock.now() + timedelta(days=7, seconds=1)) == 1

    assert [file.name for file in folder.iterdir()] == ["store.db"]
    engine.close()
    backup.restore(data_dir, folder.name)
    assert reopened().vault.open([FanRef(1)], sealed) == (PHONE,)


def test_keys_in_a_backup_that_died_half_way_outlived_forgetting_and_die_after_seven_days(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    whole = backup.backup(data_dir, clock.now())
    died = whole.with_name(f"{whole.name}.part")
    whole.rename(died)
    assert backup.names(data_dir) == ()

    assert engine.upkeep.expire_keys(clock.now() + timedelta(days=7, seconds=1)) == 1
    assert [file.name for file in died.iterdir()] == ["store.db"]


def test_a_backup_that_fails_leaves_nothing_behind(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    reopened().close()
    (data_dir / "vault.db").write_bytes(b"a disk that died" * 1000)

    with pytest.raises((Permanent, apsw.Error)):
        backup.backup(data_dir, clock.now())

    assert list((data_dir / "backups").iterdir()) == []


def test_nothing_is_restored_while_a_server_runs(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    reopened()
    name = backup.backup(data_dir, clock.now()).name

    with locks.serving(data_dir):
        with pytest.raises(Permanent, match="stop the server"):
            backup.restore(data_dir, name)
        with pytest.raises(Permanent, match="stop the server"):
            backup.upgrade(data_dir)


def test_a_damaged_backup_is_refused_and_the_present_store_stays(
    reopened: Reopen, data_dir: Path, clock: SteppedClock
) -> None:
    engine = reopened()
    given = Given(engine)
    given.fans(300)
    folder = backup.backup(data_dir, clock.now())
    content = bytearray((folder / "store.db").read_bytes())
    content[8192:40960] = b"\x5a" * 32768
    (folder / "store.db").write_bytes(content)
    engine.close()

    with pytest.raises(Permanent, match="damaged"):
        backup.restore(data_dir, folder.name)

    assert reopened().switches.paused() is None


def test_an_unknown_backup_names_those_there_are(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    reopened()
    name = backup.backup(data_dir, clock.now()).name
    (data_dir / "backups" / "20990101.part").mkdir()

    with pytest.raises(Permanent, match=name):
        backup.restore(data_dir, "../elsewhere")
    assert backup.names(data_dir) == (name,)


def test_a_backup_of_an_older_version_is_brought_forward(reopened: Reopen, data_dir: Path, clock: SteppedClock) -> None:
    engine = reopened()
    folder = backup.backup(data_dir, clock.now())
    engine.close()
    old = files.open_existing(folder / "store.db", "store")
    drop = "DROP TABLE api_key; DROP TABLE counter; DROP INDEX change_other; PRAGMA user_version = 1"
    old.write(lambda tx: tx.run(drop))
    old.close()

    backup.restore(data_dir, folder.name)

    assert reopened().api_keys.list() == ()
