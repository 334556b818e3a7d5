"""``fanfare sale``."""

from pathlib import Path
from typing import Any

import pytest

from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.discovery_samples import event, instant, presale, traps
from tests.doors.cli.stores import EVENT_ID, SALE_ID, import_event


def only(data_dir: Path, sale_id: str = SALE_ID) -> dict[str, Any]:
    return answer("sale", "show", sale_id, data=data_dir)["sale"]


def test_the_calendar_is_listed_earliest_first(data_dir: Path) -> None:
    import_event(data_dir, event(EVENT_ID, presales=[presale("Fan Club", 5, 9)]))

    sales = answer("sale", "list", data=data_dir)["sales"]

    assert [sale["sale_id"] for sale in sales] == [f"{EVENT_ID}:fan-club", SALE_ID]
    assert len(answer("sale", "list", "--limit", "1", data=data_dir)["sales"]) == 1


def test_one_sale_is_shown_with_its_funnel(data_dir: Path) -> None:
    import_event(data_dir)

    shown = answer("sale", "show", SALE_ID, data=data_dir)

    assert shown["sale"]["starts_at"] == instant(10)
    assert (shown["rows"], shown["by_state"], shown["senders"], shown["clicks"]) == (0, {}, [], 0)


def test_a_sale_is_moved_as_a_new_revision(data_dir: Path) -> None:
    import_event(data_dir)

    told = answer("sale", "set", SALE_ID, "--starts-at", instant(12), "--lead", "60", data=data_dir)

    assert told["changed"]
    assert (told["sale"]["starts_at"], told["sale"]["revision"]) == (instant(12), 2)
    assert told["sale"]["send_at"] == instant(12 - 1 / 24)


def test_setting_what_is_set_changes_nothing(data_dir: Path) -> None:
    import_event(data_dir)

    told = answer("sale", "set", SALE_ID, "--starts-at", instant(10), data=data_dir)

    assert (told["changed"], told["sale"]["revision"]) == (False, 1)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing to set"),
        (["--starts-at", "tomorrow"], 2, "tomorrow is no ISO 8601 instant"),
        (["--starts-at", "2027-01-01T10:00:00"], 2, "says no offset"),
        (["--starts-at", "2020-01-01T10:00:00Z"], 4, "would open in the past"),
    ],
)
def test_a_sale_is_not_set_to_nonsense(words: list[str], code: int, said: str, data_dir: Path) -> None:
    import_event(data_dir)

    result = run("sale", "set", SALE_ID, *words, data=data_dir)

    assert (result.exit_code, said in error_of(result)) == (code, True)


def test_a_lead_needs_an_opening(data_dir: Path) -> None:
    import_event(data_dir, traps()["tba"][0])

    result = run("sale", "set", "tba:public", "--lead", "45", data=data_dir)

    assert (result.exit_code, "has no opening" in error_of(result)) == (4, True)


def test_an_operator_suppresses_and_takes_it_back(data_dir: Path) -> None:
    import_event(data_dir)

    assert answer("sale", "suppress", SALE_ID, data=data_dir)["sale"]["suppressed"] == "by_operator"
    import_event(data_dir)
    assert only(data_dir)["suppressed"] == "by_operator"
    assert not answer("sale", "suppress", SALE_ID, data=data_dir)["changed"]
    assert answer("sale", "unsuppress", SALE_ID, data=data_dir)["sale"]["suppressed"] is None
    assert not answer("sale", "unsuppress", SALE_ID, data=data_dir)["changed"]


def test_what_the_policy_suppresses_only_the_policy_lets_go(data_dir: Path) -> None:
    import_event(data_dir, traps()["mexico"][0])

    refused = run("sale", "unsuppress", "mexico:public", data=data_dir)
    answer("sale", "suppress", "mexico:public", data=data_dir)
    told = answer("sale", "unsuppress", "mexico:public", data=data_dir)

    assert (refused.exit_code, "[policy]" in error_of(refused)) == (4, True)
    assert told["sale"]["suppressed"] == "country"


@pytest.mark.parametrize("verb", ["show", "suppress", "unsuppress"])
def test_an_unknown_sale_is_not_found(verb: str, data_dir: Path) -> None:
    result = run("sale", verb, "nothing:public", data=data_dir)

    assert (result.exit_code, "there is no sale nothing:public" in error_of(result)) == (3, True)


def test_people_read_one_sale(data_dir: Path) -> None:
    import_event(data_dir)

    text = run("sale", "show", SALE_ID, data=data_dir).stdout

    assert "Les Étoiles Filantes" in text
    assert "clicks" in text
