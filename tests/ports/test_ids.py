"""What every source of chance promises."""

import pytest

from fanfare.engines.embedded.ids import SeededIds, SystemIds
from fanfare.ports.ids import Ids


@pytest.mark.parametrize("ids", [SystemIds(), SeededIds(7)])
def test_what_is_drawn_differs_and_stays_in_its_bounds(ids: Ids) -> None:
    refs = [ids.fan_ref() for _ in range(500)]
    names = {ids.correlation_id() for _ in range(500)}
    spread = [ids.jitter(str(number)) for number in range(500)]

    assert len(set(refs)) == len(names) == 500
    assert all(0 < ref < 1 << 63 for ref in refs)
    assert all(0 <= each < 1 for each in spread)
    assert min(spread) < 0.2
    assert max(spread) > 0.8


def test_a_seed_draws_the_same_again() -> None:
    first, second, other = SeededIds(1), SeededIds(1), SeededIds(2)

    assert [first.fan_ref() for _ in range(5)] == [second.fan_ref() for _ in range(5)]
    assert first.correlation_id() == second.correlation_id()
    assert first.fan_ref() != other.fan_ref()


def test_a_seeded_jitter_depends_on_its_key_alone() -> None:
    ids = SeededIds(1)
    first = ids.jitter("a")
    ids.jitter("b")
    ids.fan_ref()

    assert ids.jitter("a") == first == SeededIds(1).jitter("a") != SeededIds(2).jitter("a")
