"""What every engine promises about API keys."""

import re

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.api_keys import ApiKey, Scope
from fanfare.ports.faults import Permanent

READ = frozenset({Scope.EVENTS_READ})


def test_a_secret_opens_its_own_key(engine: EmbeddedEngine) -> None:
    secret = engine.api_keys.create("  Zoé ", READ)

    key = engine.api_keys.check(secret)

    assert re.fullmatch(r"fanfare_[0-9a-f]{10}_[A-Za-z0-9_-]{43}", secret)
    assert key is not None
    assert (key.person, key.scopes, key.created_at, key.revoked_at) == ("Zoé", READ, engine.clock.now(), None)
    assert key.key_id == secret.split("_")[1]


def test_two_keys_of_one_person_differ(engine: EmbeddedEngine) -> None:
    assert engine.api_keys.create("a", READ) != engine.api_keys.create("a", READ)


def test_the_secret_is_stored_nowhere(engine: EmbeddedEngine) -> None:
    secret = engine.api_keys.create("a", READ)

    files = [path.read_bytes() for path in engine.data_dir.rglob("*") if path.is_file()]

    assert files
    assert not [content for content in files if secret.encode() in content or secret[-43:].encode() in content]


@pytest.mark.parametrize("wrong", ["", "fanfare", "fanfare__", "fanfare_0123456789_x", "é", "x" * 10_000])
def test_what_is_no_secret_opens_nothing(engine: EmbeddedEngine, wrong: str) -> None:
    engine.api_keys.create("a", READ)

    assert engine.api_keys.check(wrong) is None


def test_a_secret_with_one_other_letter_opens_nothing(engine: EmbeddedEngine) -> None:
    secret = engine.api_keys.create("a", READ)

    for place in (8, 20, len(secret) - 2):
        other = "A" if secret[place] != "A" else "B"
        assert engine.api_keys.check(secret[:place] + other + secret[place + 1 :]) is None


def test_a_revoked_key_opens_nothing_and_stays_listed(engine: EmbeddedEngine) -> None:
    secret = engine.api_keys.create("a", READ)
    (key,) = engine.api_keys.list()

    assert engine.api_keys.revoke(key.key_id) is True
    assert engine.api_keys.revoke(key.key_id) is False
    assert engine.api_keys.revoke("none") is False

    assert engine.api_keys.check(secret) is None
    assert [each.revoked_at for each in engine.api_keys.list()] == [engine.clock.now()]


@pytest.mark.parametrize(("person", "scopes"), [(" ", READ), ("a", frozenset[Scope]())])
def test_a_key_needs_a_person_and_a_scope(engine: EmbeddedEngine, person: str, scopes: frozenset[Scope]) -> None:
    with pytest.raises(Permanent):
        engine.api_keys.create(person, scopes)


def test_admin_may_do_everything_and_others_what_they_are_given(engine: EmbeddedEngine) -> None:
    now = engine.clock.now()
    admin = ApiKey(key_id="1", person="a", scopes=frozenset({Scope.ADMIN}), created_at=now)
    reader = ApiKey(key_id="2", person="a", scopes=READ, created_at=now)

    assert all(admin.allows(scope) for scope in Scope)
    assert [scope for scope in Scope if reader.allows(scope)] == [Scope.EVENTS_READ]
