"""``fanfare targets``."""

from pathlib import Path

from fanfare.engines.embedded.measures import Measures
from tests.doors.cli.command_line import answer, run
from tests.doors.cli.stores import engine_of


def count(data_dir: Path, **counted: float) -> None:
    with engine_of(data_dir) as engine:
        Measures(engine.store).add(
            {name.replace("__", "/"): value for name, value in counted.items()}, engine.clock.now()
        )


def test_all_targets_are_shown_and_say_when_nothing_was_measured(data_dir: Path) -> None:
    shown = answer("targets", data=data_dir)["targets"]

    assert {target["id"] for target in shown} == {f"TGT-{number}" for number in range(1, 11)}
    assert {target["state"] for target in shown} == {"no_samples"}
    assert all(target["measured_from"] for target in shown)


def test_what_is_kept_is_ok(data_dir: Path) -> None:
    count(data_dir, route_batches__a__done=1000)

    (worker,) = (each for each in answer("targets", data=data_dir)["targets"] if each["name"] == "worker success")

    assert (worker["value"], worker["state"], worker["target"], worker["alarm"]) == (100, "ok", "> 99", "<= 99")


def test_an_alarm_is_a_finding(data_dir: Path) -> None:
    count(data_dir, route_batches__a__done=90, route_batches__a__failed=10)

    result = run("targets", data=data_dir)

    assert result.exit_code == 1
    assert "worker success" in result.stdout
    assert "alarm" in result.stdout
