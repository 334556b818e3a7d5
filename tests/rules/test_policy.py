"""The reminder policy refuses numbers that could never work, and says which."""

from datetime import timedelta

import pytest

from fanfare.model.sale import SaleKind
from fanfare.rules.policy import ReminderPolicy


def test_by_default_every_reminder_goes_out_30_minutes_before_its_sale() -> None:
    """REQ-001."""
    assert {ReminderPolicy().lead(kind) for kind in SaleKind} == {timedelta(minutes=30)}


def test_a_kind_may_have_its_own_lead_and_the_others_keep_theirs() -> None:
    policy = ReminderPolicy(lead_minutes_by_kind={SaleKind.VIP: 60})

    assert policy.lead(SaleKind.VIP) == timedelta(hours=1)
    assert policy.lead(SaleKind.PUBLIC) == timedelta(minutes=30)
    assert policy.longest_lead == timedelta(hours=1)


def test_planning_looks_two_slots_further_than_the_earliest_release() -> None:
    """FLOW-3."""
    assert ReminderPolicy(max_early_minutes=90, slot_minutes=15).look_ahead == timedelta(minutes=120)


def test_durations_say_the_same_as_their_minutes() -> None:
    policy = ReminderPolicy()

    assert (policy.max_early, policy.finish_before_opening) == (timedelta(hours=2), timedelta(minutes=5))


@pytest.mark.parametrize("minutes", [0, -30, 7, 1441])
def test_slots_that_do_not_divide_a_day_are_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="slot_minutes"):
        ReminderPolicy(slot_minutes=minutes)


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        ("max_early_minutes", {"max_early_minutes": -1}),
        ("finish_before_opening_minutes", {"finish_before_opening_minutes": -1}),
        ("attempts_max", {"attempts_max": 0}),
        ("short_link_wait_seconds", {"short_link_wait_seconds": -1}),
        ("report_deadline_hours", {"report_deadline_hours": 0}),
    ],
)
def test_a_number_out_of_range_is_refused_by_its_name(field: str, policy: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=field):
        ReminderPolicy(**policy)  # pyright: ignore[reportArgumentType]


def test_the_least_of_each_number_is_taken() -> None:
    least = ReminderPolicy(
        max_early_minutes=0,
        finish_before_opening_minutes=0,
        slot_minutes=1,
        attempts_max=1,
        short_link_wait_seconds=0,
        report_deadline_hours=1,
        lead_minutes_by_kind={SaleKind.PUBLIC: 1},
    )

    assert least.look_ahead == timedelta(minutes=2)


def test_a_lead_within_the_last_minutes_is_refused() -> None:
    with pytest.raises(ValueError, match="lead_minutes_by_kind"):
        ReminderPolicy(lead_minutes_by_kind={SaleKind.PUBLIC: 5})
