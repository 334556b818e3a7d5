from collections.abc import Iterator

import pytest

from fanfare.ports.faults import Permanent
from fanfare.settings import Settings
from fanfare.topology import World
from tests.doors.web.conftest import SETTINGS, WIDE, Stage, served


def newer() -> World:
    raise Permanent("store.db was written by a newer Fanfare")


@pytest.fixture
def outdated() -> Iterator[Stage]:
    yield from served(Settings.model_validate(SETTINGS), WIDE, newer)


def test_a_door_that_answers_lives(stage: Stage) -> None:
    assert stage.call("GET", "/livez").json == {"status": "live"}


def test_a_door_whose_store_can_be_read_is_ready(stage: Stage) -> None:
    answer = stage.call("GET", "/readyz")

    assert answer.status == 200
    assert answer.json == {"status": "ready", "overdue_seconds": 0.0, "queued_messages": 0, "sending_paused": False}


def test_a_paused_sender_shows(stage: Stage) -> None:
    stage.world.switches.pause("a test")

    assert stage.call("GET", "/readyz").json["sending_paused"] is True


def test_a_store_that_cannot_be_opened_is_not_ready_and_its_reason_is_not_told(outdated: Stage) -> None:
    ready = outdated.call("GET", "/readyz")
    asked = outdated.admin("GET", "/v1/events")

    assert (ready.status, ready.json["status"]) == (503, "not_ready")
    assert outdated.call("GET", "/livez").status == 200
    assert asked.status in {502, 503}
    assert "newer" not in ready.text + asked.text
