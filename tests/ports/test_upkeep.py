"""What every engine promises about housekeeping: small and provable, and nothing lost that somebody needs."""

import hashlib
from datetime import timedelta
from itertools import pairwise

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType
from tests.ports.given import Given, an_event

EVERY = list(RecordType)


def test_hours_that_have_ended_are_digested_once(engine: EmbeddedEngine, given: Given, clock: SteppedClock) -> None:
    given.fans(2)
    engine.events.put(an_event())
    assert engine.upkeep.digest(given.now + timedelta(minutes=59)) == 0

    clock.advance(seconds=3600)
    engine.events.put(an_event(version=2))
    assert engine.upkeep.digest(given.now) == 2
    assert engine.upkeep.digest(given.now) == 0

    (digest,) = engine.changes.digests(RecordType.DEMAND)
    (event,) = engine.changes.digests(RecordType.EVENT)
    keys = [(change.key, change.version) for change in engine.changes.read(None, [RecordType.DEMAND], 10)[0]]
    assert digest.key_hash == hashlib.sha256("".join(f"{key}|{version}\n" for key, version in keys).encode()).digest()
    assert (digest.count, event.count) == (2, 1)
    assert digest.hour_at == given.now - timedelta(hours=1)


def test_digests_cover_the_log_without_gap_or_overlap(
    engine: EmbeddedEngine, given: Given, clock: SteppedClock
) -> None:
    for hour in range(3):
        given.fans(2, first=1 + hour * 2)
        clock.advance(seconds=3600)
        engine.upkeep.digest(given.now)

    digests = engine.changes.digests(RecordType.DEMAND)

    changes, _ = engine.changes.read(None, EVERY, 100)
    assert sum(digest.count for digest in digests) == len(changes)
    bounds = [(digest.from_sequence, digest.to_sequence) for digest in digests]
    assert all(before[1] < after[0] for before, after in pairwise(bounds))


def test_only_old_digested_and_delivered_changes_are_dropped(
    engine: EmbeddedEngine, given: Given, clock: SteppedClock
) -> None:
    given.fans(3)
    whole, end = engine.changes.read(None, EVERY, 100)
    clock.advance(seconds=3600)
    assert engine.upkeep.prune(given.now + timedelta(days=8)) == 0  # not digested

    engine.upkeep.digest(given.now)
    assert engine.upkeep.prune(given.now + timedelta(days=6)) == 0  # not old enough
    engine.checkpoints.move("changes:lake", expected=None, to=str(whole[0].sequence))
    assert engine.upkeep.prune(given.now + timedelta(days=8)) == 1  # not delivered

    engine.checkpoints.move("changes:lake", expected=str(whole[0].sequence), to=end)
    assert engine.upkeep.prune(given.now + timedelta(days=8)) == 2
    assert engine.changes.read(None, EVERY, 100) == ((), "0")
    given.fans(1, first=9)
    assert engine.changes.read(end, EVERY, 100)[0][0].sequence > whole[-1].sequence


def test_day_keys_are_destroyed_at_their_age(engine: EmbeddedEngine, given: Given, clock: SteppedClock) -> None:
    sealed = engine.vault.seal_text("STOP it")
    assert engine.upkeep.expire_keys(given.now + timedelta(days=30)) == 0
    assert engine.vault.open_text(sealed) == "STOP it"

    clock.advance(seconds=31 * 86_400)
    assert engine.upkeep.expire_keys(given.now) == 1
    assert engine.vault.open_text(sealed) is None
