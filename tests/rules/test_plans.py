"""Planning, forecasting and sharing a sender's rate, held against a simulation that sends token by token."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.ids import SaleId, SenderName
from fanfare.rules import plans
from fanfare.rules.plans import Backlog, Forecast, Lane, SaleLoad, SalePlan
from fanfare.rules.policy import ReminderPolicy

POLICY = ReminderPolicy()
NOW = datetime(2026, 5, 8, 8, tzinfo=UTC)
SHORT_CODE = SenderName("short-code")
LONG_CODE = SenderName("long-code")
RATES = {SHORT_CODE: 100.0, LONG_CODE: 1.0}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-08T{clock}").replace(tzinfo=UTC)


def a_load(
    name: str, segments: int, opens_at: datetime, send_at: datetime | None = None, sender: SenderName = SHORT_CODE
) -> SaleLoad:
    return SaleLoad(
        sale_id=SaleId(name),
        sender=sender,
        opens_at=opens_at,
        send_at=send_at or opens_at - timedelta(minutes=30),
        segments=segments,
    )


def plan(*loads: SaleLoad, now: datetime = NOW) -> dict[str, SalePlan]:
    return {planned.sale_id: planned for planned in plans.plan(loads, RATES, POLICY, now)}


def test_a_sale_that_fits_is_released_at_its_due_instant() -> None:
    """REQ-001."""
    planned = plan(a_load("a", 50_000, at("10:00")))["a"]

    assert planned.release_at == at("09:30")
    assert planned.forecast_finish_at == at("09:30") + timedelta(seconds=500)
    assert planned.not_reachable == 0


def test_too_many_for_the_lead_start_earlier_and_end_five_minutes_before() -> None:
    """REQ-001: earlier where there are too many for the lead."""
    planned = plan(a_load("a", 300_000, at("10:00")))["a"]

    assert planned.release_at == at("09:05")
    assert planned.forecast_finish_at == at("09:55")
    assert planned.not_reachable == 0


def test_sales_that_share_a_sender_are_added_up() -> None:
    """PERF-002."""
    planned = plan(a_load("a", 120_000, at("10:00")), a_load("b", 120_000, at("10:00")))

    assert {one.release_at for one in planned.values()} == {at("09:15"), at("09:30")}
    assert max(one.forecast_finish_at for one in planned.values()) == at("09:55")
    assert not any(one.not_reachable for one in planned.values())


def test_senders_do_not_wait_for_each_other() -> None:
    alone = plan(a_load("a", 50_000, at("10:00")))
    beside = plan(a_load("a", 50_000, at("10:00")), a_load("b", 5_000, at("10:00"), sender=LONG_CODE))

    assert beside["a"] == alone["a"]


def test_what_cannot_fit_is_said_with_a_number() -> None:
    """TGT-9: known at planning, not found out at the opening."""
    planned = plan(a_load("a", 10_000, at("10:00"), sender=LONG_CODE), now=at("07:00"))["a"]

    assert planned.release_at == at("07:30")
    assert planned.forecast_finish_at == at("10:00")
    assert planned.not_reachable == 10_000 - 2.5 * 3600


def test_a_small_sale_that_opens_with_a_hopeless_one_gets_through() -> None:
    planned = plan(
        a_load("big", 50_000, at("10:00"), sender=LONG_CODE), a_load("small", 200, at("10:00"), sender=LONG_CODE)
    )

    assert planned["small"].not_reachable == 0
    assert planned["big"].not_reachable == 50_200 - 2 * 3600


def test_a_sale_that_has_opened_reaches_nobody_and_one_without_rows_is_done() -> None:
    planned = plan(a_load("over", 10, at("07:00")), a_load("none", 0, at("10:00")))

    assert planned["over"].not_reachable == 10
    assert planned["over"].forecast_finish_at == at("07:00")
    assert planned["none"].forecast_finish_at == at("09:30")


def test_a_sender_without_a_rate_is_an_error() -> None:
    with pytest.raises(KeyError):
        plans.plan([a_load("a", 1, at("10:00"))], {}, POLICY, NOW)


def test_a_forecast_begins_now() -> None:
    backlogs = [
        Backlog(sale_id=SaleId("b"), opens_at=at("11:00"), segments=6_000),
        Backlog(sale_id=SaleId("a"), opens_at=at("10:00"), segments=60_000),
        Backlog(sale_id=SaleId("late"), opens_at=at("08:01"), segments=6_001),
    ]

    assert plans.forecast(backlogs, 100.0, NOW) == {
        "late": Forecast(finish_at=at("08:01"), not_reachable=1),
        "a": Forecast(finish_at=at("08:11"), not_reachable=0),
        "b": Forecast(finish_at=at("08:12"), not_reachable=0),
    }


def some_loads(facts: list[tuple[int, int, int]]) -> list[SaleLoad]:
    """From segments, minutes from now to the opening, and minutes of lead."""
    openings = [NOW + timedelta(minutes=opens) for _, opens, _ in facts]
    return [
        a_load(f"s{place}", segments, openings[place], openings[place] - timedelta(minutes=lead))
        for place, (segments, _, lead) in enumerate(facts)
    ]


LOADS: st.SearchStrategy[list[SaleLoad]] = st.lists(
    st.tuples(st.integers(0, 9_000), st.integers(-60, 300), st.integers(10, 60)), min_size=1, max_size=6
).map(some_loads)


@given(LOADS, st.sampled_from([1.0, 2.5, 10.0]))
def test_it_agrees_with_a_simulation_that_sends_one_by_one(loads: list[SaleLoad], rate: float) -> None:
    planned = plans.plan(loads, {SHORT_CODE: rate}, POLICY, NOW)
    tokens = simulated(loads, {one.sale_id: one.release_at for one in planned}, rate)

    slack = max(0.01 * sum(load.segments for load in loads), len(loads) + 1)
    for one in planned:
        sim = tokens[one.sale_id]
        assert abs(one.not_reachable - sim.left) <= slack
        if sim.finish_at and not one.not_reachable:
            assert abs((one.forecast_finish_at - sim.finish_at).total_seconds()) <= slack / rate


@given(LOADS, st.sampled_from([1.0, 2.5, 10.0]))
def test_release_is_never_later_than_due_nor_earlier_than_allowed(loads: list[SaleLoad], rate: float) -> None:
    due = {load.sale_id: load.send_at for load in loads}

    for one in plans.plan(loads, {SHORT_CODE: rate}, POLICY, NOW):
        assert due[one.sale_id] - POLICY.max_early <= one.release_at <= due[one.sale_id]


@given(LOADS, st.sampled_from([1.0, 2.5, 10.0]), st.randoms(use_true_random=False))
def test_the_order_of_the_loads_and_an_earlier_tick_change_nothing(
    loads: list[SaleLoad], rate: float, chance: random.Random
) -> None:
    """FLOW-3: a tick run again leaves the same plan."""
    rates = {SHORT_CODE: rate}
    shuffled = list(loads)
    chance.shuffle(shuffled)

    assert plans.plan(shuffled, rates, POLICY, NOW) == plans.plan(loads, rates, POLICY, NOW)
    earlier = plans.plan(loads, rates, POLICY, NOW - timedelta(hours=6))
    assert [one.release_at for one in earlier] == [one.release_at for one in plans.plan(loads, rates, POLICY, NOW)]


@given(LOADS, st.sampled_from([1.0, 2.5, 10.0]))
def test_where_time_allows_everything_is_out_five_minutes_before(loads: list[SaleLoad], rate: float) -> None:
    early = NOW - timedelta(hours=24)
    planned = plans.plan(loads, {SHORT_CODE: rate}, POLICY, early)
    opening = {load.sale_id: load.opens_at for load in loads}
    due = {load.sale_id: load.send_at for load in loads}
    is_bounded = any(one.release_at == due[one.sale_id] - POLICY.max_early for one in planned)
    lead_min = min(load.opens_at - load.send_at for load in loads)

    if not is_bounded and lead_min > POLICY.finish_before_opening:
        for one in planned:
            finish = opening[one.sale_id] - POLICY.finish_before_opening
            assert one.not_reachable == 0
            assert one.forecast_finish_at <= finish + timedelta(milliseconds=1)


@dataclass(slots=True)
class Sent:
    left: int
    finish_at: datetime | None = None


def simulated(loads: list[SaleLoad], releases: dict[SaleId, datetime], rate: float) -> dict[SaleId, Sent]:
    """Send one segment every 1 / rate seconds, of the released sale that opens first."""
    sent = {load.sale_id: Sent(load.segments) for load in loads}
    order = sorted(loads, key=lambda load: (load.opens_at, load.segments, load.sale_id))
    step = timedelta(seconds=1 / rate)
    moment = NOW
    while alive := [load for load in order if sent[load.sale_id].left and load.opens_at > moment]:
        ready = next((load for load in alive if releases[load.sale_id] <= moment), None)
        if ready is None:
            moment = min(max(releases[load.sale_id], moment + step) for load in alive)
            continue
        moment += step
        sent[ready.sale_id].left -= 1
        if not sent[ready.sale_id].left:
            sent[ready.sale_id].finish_at = moment
    return sent


LANES = st.lists(
    st.tuples(st.none() | st.integers(0, 3).map(lambda hour: NOW + timedelta(hours=hour)), st.integers(0, 5_000)),
    max_size=12,
).map(lambda facts: tuple(Lane(key=f"l{place}", opens_at=opens, due=due) for place, (opens, due) in enumerate(facts)))


@given(st.integers(-5, 3_000), LANES)
def test_shares_lose_no_token_and_give_nobody_more_than_is_due(budget: int, lanes: tuple[Lane, ...]) -> None:
    shares = plans.share(budget, lanes)
    due = {lane.key: lane.due for lane in lanes}

    assert all(0 <= part <= due[key] for key, part in shares.items())
    assert sum(shares.values()) == max(0, min(budget, sum(due.values())))


@given(st.integers(0, 3_000), LANES)
def test_replies_go_before_sales(budget: int, lanes: tuple[Lane, ...]) -> None:
    shares = plans.share(budget, lanes)
    replies = sum(lane.due for lane in lanes if lane.opens_at is None)

    assert sum(shares.get(lane.key, 0) for lane in lanes if lane.opens_at is None) == min(budget, replies)


@given(st.integers(0, 3_000), LANES)
def test_with_a_token_for_each_no_sale_goes_empty(budget: int, lanes: tuple[Lane, ...]) -> None:
    shares = plans.share(budget, lanes)
    waiting = [lane for lane in lanes if lane.opens_at and lane.due]
    left = budget - sum(lane.due for lane in lanes if lane.opens_at is None)

    if left >= len(waiting):
        assert all(shares[lane.key] >= 1 for lane in waiting)


def test_a_sale_of_200_gets_through_beside_one_of_50000() -> None:
    big = Lane(key="big", opens_at=at("10:00"), due=50_000)
    small = Lane(key="small", opens_at=at("10:30"), due=200)

    shares = plans.share(200, (big, small))

    assert shares == {"big": 190, "small": 10}


def test_sales_that_open_together_share_evenly() -> None:
    lanes = tuple(Lane(key=key, opens_at=at("10:00"), due=due) for key, due in (("a", 5_000), ("b", 5_000), ("c", 10)))

    assert plans.share(120, lanes) == {"a": 55, "b": 55, "c": 10}


def test_too_few_tokens_for_a_floor_go_to_the_earliest_opening() -> None:
    lanes = tuple(Lane(key=f"l{hour}", opens_at=at(f"1{hour}:00"), due=10) for hour in range(4))

    assert plans.share(2, lanes) == {"l0": 2, "l1": 0, "l2": 0, "l3": 0}


def test_nothing_due_shares_nothing() -> None:
    assert plans.share(100, (Lane(key="a", opens_at=NOW, due=0),)) == {}
    assert plans.share(100, ()) == {}
