"""What every engine promises about rates: in any stretch of time, at most the burst and what flowed in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given as examples
from hypothesis import strategies

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import SenderName
from tests.ports.conftest import NOW
from tests.ports.given import Given, a_sender

NUMBERS = count()


def test_a_new_bucket_is_full_and_gives_what_it_holds(engine: EmbeddedEngine, given: Given) -> None:
    sender = a_sender(rate=10, burst=20)

    assert engine.tokens.available(sender, given.now) == 20
    assert engine.tokens.take(sender, 15, given.now) == 15
    assert engine.tokens.take(sender, 15, given.now) == 5
    assert engine.tokens.take(sender, 15, given.now) == 0
    assert engine.tokens.available(sender, given.now) == 0


def test_a_bucket_fills_at_its_rate_up_to_its_burst(engine: EmbeddedEngine, given: Given) -> None:
    sender = a_sender(rate=10, burst=20)
    engine.tokens.take(sender, 20, given.now)

    assert engine.tokens.available(sender, given.now + timedelta(seconds=0.55)) == 5
    assert engine.tokens.take(sender, 9, given.now + timedelta(seconds=0.55)) == 5
    assert engine.tokens.take(sender, 9, given.now + timedelta(seconds=0.6)) == 1  # the half was not lost
    assert engine.tokens.available(sender, given.now + timedelta(days=1)) == 20


def test_a_clock_that_is_set_back_mints_nothing_and_does_not_stop_the_night(
    engine: EmbeddedEngine, given: Given
) -> None:
    sender = a_sender(rate=10, burst=20)
    engine.tokens.take(sender, 20, given.now)
    hour_back = given.now - timedelta(hours=1)

    assert engine.tokens.take(sender, 20, given.now - timedelta(seconds=1)) == 0
    assert engine.tokens.take(sender, 20, hour_back) == 0
    assert engine.tokens.take(sender, 20, hour_back + timedelta(seconds=1)) == 10


def test_two_workers_that_look_at_almost_one_instant_mint_nothing_twice(engine: EmbeddedEngine, given: Given) -> None:
    sender = a_sender(rate=10, burst=20)
    engine.tokens.take(sender, 20, given.now)

    assert engine.tokens.take(sender, 20, given.now - timedelta(seconds=1)) == 0
    assert engine.tokens.take(sender, 20, given.now + timedelta(seconds=0.5)) == 5


def test_senders_do_not_share(engine: EmbeddedEngine, given: Given) -> None:
    sender = a_sender()
    engine.tokens.take(sender, 20, given.now)
    other = replace(a_sender(rate=1, burst=3), name=SenderName("other"))

    assert engine.tokens.take(other, 9, given.now) == 3


def test_nothing_wanted_takes_nothing(engine: EmbeddedEngine, given: Given) -> None:
    assert engine.tokens.take(a_sender(), 0, given.now) == 0
    assert engine.tokens.take(a_sender(), -5, given.now) == 0
    assert engine.tokens.available(a_sender(), given.now) == 20


@pytest.fixture(scope="module")
def one_engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary()
    yield made
    made.close()


@examples(strategies.lists(strategies.tuples(strategies.integers(0, 3000), strategies.integers(0, 60)), max_size=30))
def test_however_it_is_asked_a_bucket_never_gives_more_than_burst_and_flow(
    one_engine: EmbeddedEngine, takes: list[tuple[int, int]]
) -> None:
    sender = replace(a_sender(rate=10, burst=20), name=SenderName(f"s{next(NUMBERS)}"))
    now, taken = NOW, 0
    for wait_ms, wanted in takes:
        now += timedelta(milliseconds=wait_ms)
        taken += one_engine.tokens.take(sender, wanted, now)
        assert taken <= 20 + (now - NOW).total_seconds() * 10 + 1e-6
