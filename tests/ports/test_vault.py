"""What every engine promises about sealing, signing and forgetting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import strategies

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SystemIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import FanRef
from fanfare.model.report import AttemptRef
from fanfare.ports.faults import Permanent

PHONES = ("+15550100001", "+15550100002")
FANS = (FanRef(1), FanRef((1 << 63) - 1))
ID_MAX = (1 << 56) - 1


def test_what_was_sealed_opens_for_its_fan_only(engine: EmbeddedEngine) -> None:
    sealed = engine.vault.seal(FANS, PHONES)

    assert engine.vault.open(FANS, sealed) == PHONES
    assert all(phone.encode() not in each for phone, each in zip(PHONES, sealed, strict=True))
    with pytest.raises(Permanent):
        engine.vault.open(FANS, sealed[::-1])


def test_sealing_twice_makes_two_ciphertexts_under_one_key(engine: EmbeddedEngine) -> None:
    first = engine.vault.seal(FANS[:1], PHONES[:1])
    second = engine.vault.seal(FANS[:1] * 2, PHONES)

    assert first[0] != second[0]
    assert engine.vault.open(FANS[:1] * 3, (*first, *second)) == (PHONES[0], *PHONES)


def test_an_altered_ciphertext_is_refused(engine: EmbeddedEngine) -> None:
    (sealed,) = engine.vault.seal(FANS[:1], PHONES[:1])

    with pytest.raises(Permanent):
        engine.vault.open(FANS[:1], [sealed[:-1] + bytes([sealed[-1] ^ 1])])


def test_empty_batches_are_answered(engine: EmbeddedEngine) -> None:
    assert engine.vault.seal((), ()) == ()
    assert engine.vault.open((), ()) == ()
    assert engine.vault.hash(()) == ()
    assert engine.vault.callback_tokens((), ()) == ()
    assert engine.vault.read_callback_tokens(()) == ()


def test_the_keyed_hash_is_the_same_each_time_and_short(engine: EmbeddedEngine) -> None:
    first = engine.vault.hash(PHONES)

    assert engine.vault.hash(PHONES) == first
    assert [len(each) for each in first] == [16, 16]
    assert len(set(first)) == 2


def test_a_forgotten_fans_address_is_gone_for_good(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    sealed = engine.vault.seal(FANS, PHONES)

    certificate = engine.vault.forget(FANS[0])
    clock.advance(seconds=60)

    assert engine.vault.open(FANS, sealed) == (None, PHONES[1])
    with pytest.raises(Permanent):
        engine.vault.seal(FANS, PHONES)
    assert engine.vault.forget(FANS[0]) == certificate
    assert certificate.backups_end_at == certificate.destroyed_at + timedelta(days=7)


def test_a_fan_without_any_key_can_be_forgotten_too(engine: EmbeddedEngine) -> None:
    engine.vault.forget(FANS[0])

    with pytest.raises(Permanent):
        engine.vault.seal(FANS[:1], PHONES[:1])


def test_texts_are_sealed_under_the_key_of_the_day(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    first = engine.vault.seal_text("arrête ça")
    clock.advance(seconds=86_400)
    second = engine.vault.seal_text("stop")

    assert engine.vault.open_text(first) == "arrête ça"
    assert engine.vault.open_text(second) == "stop"
    with pytest.raises(Permanent):
        engine.vault.open_text(first[:-1] + b"\0" + second[-1:])


def test_a_callback_token_names_its_attempt_and_no_other(engine: EmbeddedEngine) -> None:
    tokens = engine.vault.callback_tokens([1, 2, ID_MAX], [1, 3, 255])

    assert [len(token) for token in tokens] == [22] * 3
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert engine.vault.read_callback_tokens(tokens) == (
        AttemptRef(notification_id=1, attempt=1),  # pyright: ignore[reportArgumentType]
        AttemptRef(notification_id=2, attempt=3),  # pyright: ignore[reportArgumentType]
        AttemptRef(notification_id=ID_MAX, attempt=255),  # pyright: ignore[reportArgumentType]
    )


@pytest.fixture(scope="module")
def one_engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary()
    yield made
    made.close()


@examples(row_id=strategies.integers(0, ID_MAX), attempt=strategies.integers(0, 255), place=strategies.integers(0, 21),
          other=strategies.characters(codec="utf-8"))  # fmt: skip
def test_a_mangled_token_is_never_read_as_another(
    one_engine: EmbeddedEngine, row_id: int, attempt: int, place: int, other: str
) -> None:
    (token,) = one_engine.vault.callback_tokens([row_id], [attempt])
    mangled = token[:place] + other + token[place + 1 :]
    expected = one_engine.vault.read_callback_tokens([token]) if mangled == token else (None,)

    assert one_engine.vault.read_callback_tokens([mangled]) == expected


def test_the_unused_bits_of_a_tokens_last_character_cannot_be_played_with(engine: EmbeddedEngine) -> None:
    """16 bytes fill 21 characters and a third of the last: 15 other last characters would decode to the same."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    (token,) = engine.vault.callback_tokens([1], [1])
    others = [token[:-1] + last for last in alphabet if last != token[-1]]

    assert set(engine.vault.read_callback_tokens(others)) == {None}


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "é" * 22, "A" * 21 + "=", "A" * 5000, "A" * 21 + "\n"])
def test_what_is_no_token_of_ours_is_nothing(engine: EmbeddedEngine, token: str) -> None:
    good = engine.vault.callback_tokens([5], [1])

    assert engine.vault.read_callback_tokens([token, *good])[0] is None
    assert engine.vault.read_callback_tokens([token, *good])[1] is not None
    assert engine.vault.read_fan(token) is None


def test_a_link_token_is_bound_to_its_fan_and_purpose(engine: EmbeddedEngine) -> None:
    token = engine.vault.sign_fan(FANS[1], "unsubscribe:live nation")

    assert engine.vault.read_fan(token) == (FANS[1], "unsubscribe:live nation")
    assert token != engine.vault.sign_fan(FANS[1], "unsubscribe:other")
    assert engine.vault.read_fan(token + "!") is None
    assert engine.vault.read_fan(token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]) is None
    assert "unsubscribe" not in token


def test_two_stores_never_read_each_others_tokens(engine: EmbeddedEngine, one_engine: EmbeddedEngine) -> None:
    token = engine.vault.sign_fan(FANS[0], "p")
    callbacks = engine.vault.callback_tokens([1], [1])

    assert one_engine.vault.read_fan(token) is None
    assert one_engine.vault.read_callback_tokens(callbacks) == (None,)
    assert one_engine.vault.hash(PHONES) != engine.vault.hash(PHONES)


def test_refs_are_random_and_fit_63_bits() -> None:
    refs = {SystemIds().fan_ref() for _ in range(1000)}

    assert len(refs) == 1000
    assert all(0 < ref < 1 << 63 for ref in refs)


def test_a_certificate_is_a_value(engine: EmbeddedEngine) -> None:
    certificate = engine.vault.forget(FANS[0])

    assert replace(certificate) == certificate
