"""What every engine promises about opt-outs."""

from datetime import datetime, timedelta

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from tests.ports.given import Given, an_address_hash


def word(number: int, at: datetime, *, active: bool = True, scope: str = EVERY_BRAND) -> OptOut:
    return OptOut(
        address_hash=an_address_hash(number), channel=Channel.SMS, scope=scope, active=active, at=at, source="api"
    )


def test_the_last_word_holds_whatever_order_words_arrive_in(engine: EmbeddedEngine, given: Given) -> None:
    later = given.now + timedelta(seconds=1)
    engine.opt_outs.record([word(1, given.now), word(2, later)])

    engine.opt_outs.record([word(1, later, active=False), word(2, given.now, active=False)])

    hashes = [an_address_hash(number) for number in (1, 2, 3)]
    assert engine.opt_outs.of(Channel.SMS, hashes) == {an_address_hash(2): frozenset({EVERY_BRAND})}
    assert engine.opt_outs.of(Channel.EMAIL, hashes) == {}
    assert engine.opt_outs.of(Channel.SMS, []) == {}


def test_scopes_are_kept_apart(engine: EmbeddedEngine, given: Given) -> None:
    engine.opt_outs.record([word(1, given.now, scope="a"), word(1, given.now, scope="b"), word(1, given.now)])
    engine.opt_outs.record([word(1, given.now, scope="a", active=False)])

    scopes = engine.opt_outs.of(Channel.SMS, [an_address_hash(1)])

    assert scopes == {an_address_hash(1): frozenset({"b", EVERY_BRAND})}


def test_nothing_to_record_is_fine(engine: EmbeddedEngine) -> None:
    engine.opt_outs.record([])
