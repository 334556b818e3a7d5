import pytest

from fanfare.lab import faults
from fanfare.lab.faults import Fault, Outage


def test_a_preset_can_be_overridden_and_extended() -> None:
    wanted = faults.parse("evening, too_many=0.25, stop=0, outage=10+5")

    assert wanted.rates[Fault.TOO_MANY] == 0.25
    assert Fault.STOP not in wanted.rates
    assert wanted.rates[Fault.HELP] == faults.PRESETS["evening"].rates[Fault.HELP]
    assert wanted.outages[-1] == Outage(from_seconds=10, length_seconds=5)


@pytest.mark.parametrize("spec", ["nothing", "warp=0.1", "stop=1.5", "stop=-1", "stop=x", "stop=0.6,help=0.6"])
def test_a_spec_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        faults.parse(spec)


@pytest.mark.parametrize(("preset", "seconds_max"), [("evening", 2), ("rough", 6)])
def test_presets_keep_timeouts_rare(preset: str, seconds_max: int) -> None:
    rates = faults.parse(preset).rates

    timeouts = 50_000 * (rates[Fault.TIMEOUT_BEFORE] + rates[Fault.TIMEOUT_AFTER])
    assert timeouts <= seconds_max + 1e-9
    assert faults.HOLD_SECONDS <= 40


def test_an_empty_spec_is_no_fault_at_all() -> None:
    assert faults.parse("") == faults.parse("none") == faults.Faults()


def test_every_kind_is_drawn_in_exactly_one_group() -> None:
    groups = (faults.CALLS, faults.NUMBERS, faults.ROADS, faults.REPORTS, faults.TEXTS, *faults.PARTNERS)

    drawn = [kind for group in groups for kind in group]

    assert sorted(drawn) == sorted(Fault)
