"""What every engine promises about cached answers."""

from datetime import timedelta

from fanfare.engines.embedded.store import EmbeddedEngine
from tests.ports.given import Given


def test_an_answer_is_fresh_then_stale_then_gone(engine: EmbeddedEngine, given: Given) -> None:
    engine.cache.put("k", b"v", now=given.now, fresh_seconds=10, stale_seconds=20)

    assert engine.cache.get("k", given.now + timedelta(seconds=9)) == (b"v", True)
    assert engine.cache.get("k", given.now + timedelta(seconds=10)) == (b"v", False)
    assert engine.cache.get("k", given.now + timedelta(seconds=29)) == (b"v", False)
    assert engine.cache.get("k", given.now + timedelta(seconds=30)) is None


def test_the_newest_answer_replaces_the_older(engine: EmbeddedEngine, given: Given) -> None:
    engine.cache.put("k", b"old", now=given.now, fresh_seconds=1, stale_seconds=1)
    engine.cache.put("k", b"new", now=given.now, fresh_seconds=9, stale_seconds=0)

    assert engine.cache.get("k", given.now) == (b"new", True)
    engine.cache.drop("k")
    assert engine.cache.get("k", given.now) is None


def test_what_is_gone_does_not_hinder_a_new_answer(engine: EmbeddedEngine, given: Given) -> None:
    engine.cache.put("k", b"old", now=given.now, fresh_seconds=1, stale_seconds=0)

    later = given.now + timedelta(hours=1)
    engine.cache.put("k", b"new", now=later, fresh_seconds=1, stale_seconds=0)

    assert engine.cache.get("k", later) == (b"new", True)
