"""``fanfare dead-letters``."""

from pathlib import Path

import pytest

from fanfare.model.generation import QUEUE
from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.stores import bury, engine_of

BODIES = ('{"eventId": "e", "saleId": "e:public"}', '{"eventId": "f", "saleId": "f:public"}')


def ids(data_dir: Path) -> list[str]:
    return [letter["letter_id"] for letter in answer("dead-letters", "list", data=data_dir)["dead_letters"]]


def waiting(data_dir: Path) -> int:
    with engine_of(data_dir) as engine:
        return engine.queues.waiting().get(QUEUE, 0)


def test_letters_are_listed_with_their_reasons(data_dir: Path) -> None:
    bury(data_dir, QUEUE, *BODIES)

    letters = answer("dead-letters", "list", data=data_dir)["dead_letters"]

    assert {letter["body"] for letter in letters} == set(BODIES)
    assert {letter["reason"] for letter in letters} == {"Permanent: planted"}
    assert answer("dead-letters", "list", "--queue", "other", data=data_dir)["dead_letters"] == []


def test_all_go_back_to_their_queue(data_dir: Path) -> None:
    bury(data_dir, QUEUE, *BODIES)

    told = answer("dead-letters", "redrive", "--all", data=data_dir)

    assert (told["redriven"], ids(data_dir), waiting(data_dir)) == (2, [], 2)


def test_one_goes_back_by_its_id(data_dir: Path) -> None:
    bury(data_dir, QUEUE, *BODIES)
    first, second = ids(data_dir)

    assert answer("dead-letters", "redrive", first, data=data_dir)["redriven"] == 1
    assert ids(data_dir) == [second]


def test_a_dry_run_only_tells(data_dir: Path) -> None:
    bury(data_dir, QUEUE, *BODIES)

    told = answer("dead-letters", "redrive", "--all", "--dry-run", data=data_dir)

    assert (told["redriven"], sorted(told["would_redrive"])) == (0, sorted(ids(data_dir)))
    assert waiting(data_dir) == 0


def test_quarantined_records_stay(data_dir: Path) -> None:
    with engine_of(data_dir) as engine:
        engine.queues.quarantine("changes:catch_up_notifications", "{}", "cannot be read")

    told = answer("dead-letters", "redrive", "--all", data=data_dir)

    assert (told["redriven"], told["kept"]) == (0, ids(data_dir))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [([], 2, "and not both"), (["1", "--all"], 2, "and not both"), (["99"], 3, "there is no dead letter 99")],
)
def test_which_letters_must_be_said_rightly(words: list[str], code: int, said: str, data_dir: Path) -> None:
    result = run("dead-letters", "redrive", *words, data=data_dir)

    assert (result.exit_code, said in error_of(result)) == (code, True)


def test_people_read_them_too(data_dir: Path) -> None:
    assert run("dead-letters", "list", data=data_dir).stdout == "no dead letters\n"
    bury(data_dir, QUEUE, BODIES[0])
    assert "Permanent: planted" in run("dead-letters", "list", data=data_dir).stdout
    assert run("dead-letters", "redrive", "--all", data=data_dir).stdout == "sent 1 again\n"
