"""The three ways in which a port can fail."""

import pytest

from fanfare.ports.faults import Conflict, Fault, Permanent, Transient


def test_there_are_three() -> None:
    assert {kind.__name__ for kind in Fault.__subclasses__()} == {"Transient", "Permanent", "Conflict"}


def test_a_transient_fault_may_say_how_long_to_wait() -> None:
    assert Transient("down").retry_after_seconds is None
    assert Transient("over quota", retry_after_seconds=60).retry_after_seconds == 60


@pytest.mark.parametrize("fault", [Transient("the line is dead"), Permanent("the line is dead")])
def test_a_fault_says_why(fault: Transient | Permanent) -> None:
    assert str(fault) == fault.reason == "the line is dead"


def test_a_conflict_is_told_apart_from_both() -> None:
    assert not isinstance(Conflict("version 3, not 2"), Transient | Permanent)
