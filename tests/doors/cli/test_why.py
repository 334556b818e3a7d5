"""``fanfare why``."""

from pathlib import Path

import pytest

from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.stores import SALE_ID, import_demands, import_event


def test_a_fan_gets_one_reason(data_dir: Path) -> None:
    import_event(data_dir)
    import_demands(data_dir)

    told = answer("why", "--fan", "fan-1", "--sale", SALE_ID, data=data_dir)

    assert told["cause"] == "not_yet_generated"
    assert told["operator"]
    assert set(told["fan_words"]) == {"en", "fr"}
    assert told["rows"] == []


@pytest.mark.parametrize(
    ("fan", "sale", "cause"), [("nobody", SALE_ID, "fan_unknown"), ("fan-1", "nothing:public", "sale_unknown")]
)
def test_whom_or_what_nobody_knows_is_not_found(fan: str, sale: str, cause: str, data_dir: Path) -> None:
    import_event(data_dir)
    import_demands(data_dir)

    assert answer("why", "--fan", fan, "--sale", sale, data=data_dir, code=3)["cause"] == cause


def test_totals_add_up(data_dir: Path) -> None:
    import_event(data_dir)

    told = answer("why", "--sale", SALE_ID, "--totals", data=data_dir)

    assert told["adds_up"]
    assert told["rows"] == told["frozen"] + told["late"] == told["ends"] + told["in_flight"] == 0


def test_totals_that_do_not_add_up_are_a_finding(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_event(data_dir)
    monkeypatch.setattr("fanfare.workers.explain.TotalsExplanation.adds_up", property(lambda _: False))

    assert not answer("why", "--sale", SALE_ID, "--totals", data=data_dir, code=1)["adds_up"]


def test_totals_of_an_unknown_sale_are_not_found(data_dir: Path) -> None:
    assert run("why", "--sale", "nothing:public", "--totals", data=data_dir).exit_code == 3


@pytest.mark.parametrize("words", [[], ["--fan", "f", "--totals"]])
def test_it_is_asked_for_a_fan_or_for_totals(words: list[str], data_dir: Path) -> None:
    result = run("why", "--sale", SALE_ID, *words, data=data_dir)

    assert (result.exit_code, "one of --fan and --totals" in error_of(result)) == (2, True)
