"""Slots and planning windows, through the nights when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.sale import SaleKind
from fanfare.rules import slots
from fanfare.rules.policy import ReminderPolicy

POLICY = ReminderPolicy()
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Toronto",
    "America/Halifax",
    "America/St_Johns",
    "America/Regina",
    "America/Vancouver",
)
# The nights before, of and after each change of clocks in the United States and Canada, 2026 and 2027.
CHANGES = tuple(datetime(*day, tzinfo=UTC) for day in ((2026, 3, 7), (2026, 10, 31), (2027, 3, 13), (2027, 11, 6)))
NIGHTS: st.SearchStrategy[datetime] = st.tuples(st.sampled_from(CHANGES), st.integers(0, 3 * 24 * 60)).map(
    lambda drawn: drawn[0] + timedelta(minutes=drawn[1])
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_reminder_is_due_30_minutes_before_its_sale() -> None:
    """REQ-001."""
    assert slots.send_at(at("2026-05-08T14:00"), SaleKind.PUBLIC, POLICY) == at("2026-05-08T13:30")


def test_the_lead_is_real_time_even_where_clocks_change_within_it() -> None:
    opens = datetime(2026, 3, 8, 3, 0, tzinfo=ZoneInfo("America/New_York"))

    due = slots.send_at(opens, SaleKind.PUBLIC, POLICY)

    assert due == at("2026-03-08T06:30")
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "slot"),
    [
        ("2026-05-08T13:30", "2026-05-08T13:30"),
        ("2026-05-08T13:59:59.999999", "2026-05-08T13:30"),
        ("2026-05-08T14:00", "2026-05-08T14:00"),
        ("1969-12-31T23:59", "1969-12-31T23:30"),
    ],
)
def test_a_slot_holds_its_beginning_and_not_its_end(instant: str, slot: str) -> None:
    assert slots.slot_of(at(instant), 30) == at(slot)


@given(NIGHTS, st.sampled_from(ZONES), st.sampled_from([15, 20, 30, 60]))
def test_the_zone_an_instant_is_written_in_changes_no_slot(instant: datetime, zone: str, minutes: int) -> None:
    slot = slots.slot_of(instant.astimezone(ZoneInfo(zone)), minutes)

    assert slot == slots.slot_of(instant, minutes)
    assert slot <= instant < slot + timedelta(minutes=minutes)


def test_the_first_window_reaches_back_one_lead_and_ahead_past_the_earliest_release() -> None:
    window = slots.to_plan(None, at("2026-05-08T13:10"), POLICY)

    assert (window.from_at, window.until_at) == (at("2026-05-08T12:30"), at("2026-05-08T16:30"))


def test_after_downtime_the_window_begins_where_the_last_one_ended() -> None:
    """FLOW-3."""
    window = slots.to_plan(at("2026-05-08T09:00"), at("2026-05-08T13:10"), POLICY)

    assert window.from_at == at("2026-05-08T09:00")
    assert at("2026-05-08T09:00") in window
    assert window.until_at not in window


def test_a_clock_that_was_set_back_plans_nothing_again() -> None:
    later = slots.to_plan(None, at("2026-05-08T13:10"), POLICY)

    assert slots.to_plan(later.until_at, at("2026-05-08T11:00"), POLICY).is_empty


@given(st.lists(NIGHTS, min_size=1, max_size=12), NIGHTS, st.sampled_from(ZONES))
def test_ticks_at_any_times_plan_each_due_instant_exactly_once(ticks: list[datetime], due: datetime, zone: str) -> None:
    """FLOW-3: run late, twice or with the clock set back, windows leave no gap and never overlap."""
    due = due.astimezone(ZoneInfo(zone))
    windows: list[slots.Window] = []
    for now in ticks:
        windows.append(slots.to_plan(windows[-1].until_at if windows else None, now, POLICY))

    assert sum(due in window for window in windows) == (windows[0].from_at <= due < windows[-1].until_at)


@given(NIGHTS, st.sampled_from(SaleKind))
def test_a_sale_that_has_not_opened_is_in_the_first_window_or_still_ahead(opens: datetime, kind: SaleKind) -> None:
    policy = ReminderPolicy(lead_minutes_by_kind={kind: 240})
    window = slots.to_plan(None, opens - timedelta(seconds=1), policy)

    assert window.from_at <= slots.send_at(opens, kind, policy)


@given(NIGHTS)
def test_every_sale_is_planned_two_slots_before_its_earliest_release(now: datetime) -> None:
    window = slots.to_plan(None, now, POLICY)

    assert window.until_at - now >= POLICY.max_early + timedelta(minutes=2 * POLICY.slot_minutes)
