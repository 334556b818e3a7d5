"""What every engine promises about the change log and its checkpoints."""

import json

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType
from fanfare.model.notification import State
from fanfare.ports.faults import Conflict
from tests.ports.given import SALE, Given, an_event

EVERY = list(RecordType)


def test_positions_lead_through_the_whole_log(engine: EmbeddedEngine, given: Given) -> None:
    given.sent(2)
    whole, end = engine.changes.read(None, EVERY, 1000)
    stepped: list[int] = []
    position: str | None = None
    while position != end:
        part, position = engine.changes.read(position, EVERY, 3)
        stepped += [change.sequence for change in part]

    assert stepped == [change.sequence for change in whole]
    assert stepped == sorted(stepped)
    assert engine.changes.read(end, EVERY, 10) == ((), end)


def test_types_that_are_not_wanted_are_skipped_and_still_passed(engine: EmbeddedEngine, given: Given) -> None:
    given.released(3)
    engine.events.put(an_event())

    changes, position = engine.changes.read(None, [RecordType.EVENT], 10)

    assert [change.record_type for change in changes] == [RecordType.EVENT]
    assert engine.changes.read(position, EVERY, 10) == ((), position)


def test_each_consumer_knows_how_far_behind_it_is(engine: EmbeddedEngine, given: Given) -> None:
    engine.checkpoints.move("changes:early", expected=None, to="0")
    engine.checkpoints.move("watermark", expected=None, to="2026-05-08")
    given.released(3)
    _, end = engine.changes.read(None, EVERY, 1000)
    engine.checkpoints.move("changes:late", expected=None, to=end)
    engine.events.put(an_event())

    assert engine.changes.unread() == {"early": int(end) + 1, "late": 1}


def test_an_empty_log_has_a_position(engine: EmbeddedEngine) -> None:
    changes, position = engine.changes.read(None, EVERY, 10)

    assert changes == ()
    engine.events.put(an_event())
    assert len(engine.changes.read(position, EVERY, 10)[0]) == 1


def test_every_move_of_a_row_is_in_the_log_with_its_versions_without_gaps(engine: EmbeddedEngine, given: Given) -> None:
    (row_id,) = given.sent(1)
    rows = engine.notifications.reported([f"SM{row_id}"])
    engine.notifications.move(given.moves([row_id], rows.versions, State.SENT, State.DELIVERED))

    changes, _ = engine.changes.read(None, [RecordType.NOTIFICATION], 100)

    assert [(each.version, each.old_state, each.new_state) for each in changes] == [
        (1, None, "CREATED"),
        (2, "CREATED", "TRIGGERED"),
        (3, "TRIGGERED", "QUEUED"),
        (4, "QUEUED", "SENT"),
        (5, "SENT", "DELIVERED"),
    ]
    assert {each.key for each in changes} == {f"sale:{SALE}|1|sms|reminder"}


def test_an_image_is_the_row_as_it_stood(engine: EmbeddedEngine, given: Given) -> None:
    given.sent(1)

    image = json.loads(engine.changes.read(None, [RecordType.NOTIFICATION], 100)[0][-1].image)

    assert image["occasion"] == f"sale:{SALE}"
    assert (image["fan_ref"], image["channel"], image["kind"]) == (1, "sms", "reminder")
    assert (image["sale_id"], image["sale_revision"], image["state"]) == (SALE, 1, "SENT")
    assert (image["version"], image["attempts"], image["brand"]) == (4, 1, "ticketmaster")
    assert (image["provider"], image["provider_id"]) == ("twilio", "SM1")
    assert image["sent_ms"] == image["queued_ms"] == given.now_ms
    assert image["ended_ms"] is None
    assert "sealed" not in image
    assert "address_hash" not in image


def test_what_changed_nothing_is_not_in_the_log(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(1)
    _, end = engine.changes.read(None, EVERY, 1000)

    given.rows(given.fans(1))
    engine.notifications.move(given.moves(ids, [tokens[0] - 1], State.QUEUED, State.SENT))

    assert engine.changes.read(end, EVERY, 10) == ((), end)


def test_a_checkpoint_moves_from_where_it_is_believed_to_stand(engine: EmbeddedEngine) -> None:
    checkpoints = engine.checkpoints
    assert checkpoints.get("changes:lake") is None

    checkpoints.move("changes:lake", expected=None, to="5")
    checkpoints.move("changes:lake", expected="5", to="9")

    assert checkpoints.get("changes:lake") == "9"


@pytest.mark.parametrize("expected", [None, "4"])
def test_two_consumers_of_one_name_cannot_both_move(engine: EmbeddedEngine, expected: str | None) -> None:
    engine.checkpoints.move("x", expected=None, to="5")

    with pytest.raises(Conflict):
        engine.checkpoints.move("x", expected=expected, to="6")

    assert engine.checkpoints.get("x") == "5"


def test_the_first_move_must_expect_nothing(engine: EmbeddedEngine) -> None:
    with pytest.raises(Conflict):
        engine.checkpoints.move("x", expected="1", to="2")
