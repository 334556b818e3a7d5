"""The service targets: each figure against its target and its alarm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.measure import LinkMeasures, RowMeasures
from fanfare.rules import targets
from fanfare.rules.targets import Level, Target, TargetState

NOTHING = RowMeasures(
    reported=0, delivered=0, handed_over=0, hand_over_p95_seconds=None, delivery_mean_seconds=0, delivery_timed=0,
    openings_due=0, on_time=0, attempted=0, failed=0, accepted=0, duplicates=0, due=0, dropped=0, not_reached=0,
)  # fmt: skip
NO_LINKS = LinkMeasures(events=0, shortened=0)


def judged(rows: RowMeasures = NOTHING, links: LinkMeasures = NO_LINKS, **counted: float) -> dict[str, Target]:
    return {each.name: each for each in targets.judge(rows, links, counted)}


def test_every_target_of_the_requirements_is_there() -> None:
    ids = [target.id for target in judged().values()]

    assert list(dict.fromkeys(ids)) == [f"TGT-{number}" for number in range(1, 11)]


def test_without_samples_each_says_so() -> None:
    for target in judged().values():
        assert (target.state, target.value, target.is_met, target.samples) == (TargetState.NO_SAMPLES, None, None, 0)


@pytest.mark.parametrize(
    ("name", "rows", "value", "state", "is_met"),
    [
        ("delivered", replace(NOTHING, reported=100, delivered=99), 99, TargetState.OK, True),
        ("delivered", replace(NOTHING, reported=100, delivered=96), 96, TargetState.OK, False),
        ("delivered", replace(NOTHING, reported=100, delivered=94), 94, TargetState.ALARM, False),
        ("handed over after release, p95", replace(NOTHING, handed_over=9, hand_over_p95_seconds=4.9), 4.9,
         TargetState.OK, True),
        ("handed over after release, p95", replace(NOTHING, handed_over=9, hand_over_p95_seconds=5), 5,
         TargetState.ALARM, False),
        ("trigger to delivered, mean", replace(NOTHING, delivery_timed=9, delivery_mean_seconds=121), 121,
         TargetState.ALARM, False),
        ("on time", replace(NOTHING, openings_due=100, on_time=98), 98, TargetState.ALARM, False),
        ("on time", replace(NOTHING, openings_due=100, on_time=99), 99, TargetState.OK, True),
        ("failed", replace(NOTHING, attempted=100, failed=4), 4, TargetState.OK, True),
        ("failed", replace(NOTHING, attempted=100, failed=5), 5, TargetState.ALARM, False),
        ("duplicates", replace(NOTHING, accepted=9), 0, TargetState.OK, True),
        ("duplicates", replace(NOTHING, accepted=9, duplicates=1), 1, TargetState.ALARM, False),
        ("dropped", replace(NOTHING, due=9), 0, TargetState.OK, True),
        ("dropped", replace(NOTHING, due=9, dropped=1), 1, TargetState.ALARM, False),
    ],
)  # fmt: skip
def test_rows_are_judged(name: str, rows: RowMeasures, value: float, state: TargetState, *, is_met: bool) -> None:
    target = judged(rows)[name]

    assert (target.value, target.state, target.is_met) == (value, state, is_met)


def test_links_are_judged() -> None:
    target = judged(links=LinkMeasures(events=200, shortened=199))["short links"]

    assert (target.value, target.state, target.samples) == (99.5, TargetState.OK, 200)


def test_counters_are_judged_by_their_paths() -> None:
    counted = {
        "route_batches/a/done": 98.0, "route_batches/b/failed": 2.0,
        "sends/sms/accepted": 990.0, "sends/sms/refused": 6.0, "sends/sms/unknown": 4.0, "sends/email/unknown": 50.0,
        "event_queries/cache": 95.0, "event_queries/source": 5.0,
        "partner_calls/discovery/done": 100.0, "partner_calls/links/failed": 100.0,
        "event_query_seconds/cache/le:0.5": 95.0, "event_query_seconds/cache/le:inf": 95.0,
        "event_query_seconds/source/le:0.5": 0.0, "event_query_seconds/source/le:inf": 5.0,
    }  # fmt: skip
    found = {each.name: each for each in targets.judge(NOTHING, NO_LINKS, counted)}

    assert (found["worker success"].value, found["worker success"].state) == (98, TargetState.ALARM)
    assert (found["SMS service"].value, found["SMS service"].samples) == (99.6, 1000)
    assert found["eventDetails cache hits"].value == 95
    assert found["Discovery"].value == 100
    assert found["store writes"].state is TargetState.NO_SAMPLES
    assert found["eventDetails, p95"].samples == 100
    assert found["eventDetails cached, p95"].state is TargetState.OK


@pytest.mark.parametrize(
    ("buckets", "share", "seconds"),
    [
        ({}, 0.95, None),
        ({0.5: 0, float("inf"): 0}, 0.95, None),
        ({1.0: 100, float("inf"): 100}, 0.95, 0.95),
        ({1.0: 90, 2.0: 100, float("inf"): 100}, 0.95, 1.5),
        ({1.0: 90, float("inf"): 100}, 0.95, 1.0),
        ({1.0: 0, 2.0: 10, float("inf"): 10}, 0.5, 1.5),
    ],
)
def test_a_quantile_is_read_off_buckets(buckets: dict[float, float], share: float, seconds: float | None) -> None:
    assert targets.quantile(buckets, share) == pytest.approx(seconds)


@given(st.lists(st.floats(0.01, 20), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(samples: list[float], share: float) -> None:
    bounds = [0.1, 0.5, 1.0, 5.0, 30.0, float("inf")]
    buckets = {bound: float(sum(sample <= bound for sample in samples)) for bound in bounds}
    rank = next(n for n in range(1, len(samples) + 1) if n >= len(samples) * share)
    true = sorted(samples)[rank - 1]
    upper = min(bound for bound in bounds if bound >= true)

    found = targets.quantile(buckets, share)

    assert found is not None
    assert max((b for b in bounds if b < upper), default=0) <= found <= upper


@pytest.mark.parametrize(("sign", "broken"), [("<", ">= 5"), ("<=", "> 5"), (">", "<= 5"), (">=", "< 5"), ("=", "> 5")])
def test_a_level_says_where_it_breaks(sign: str, broken: str) -> None:
    assert Level(sign, 5).broken == broken
