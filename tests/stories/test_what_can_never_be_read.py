"""Messages that make no sense end in the dead letters, their neighbours land, and a redrive works."""

from fanfare.model.generation import QUEUE, GenerationRequest
from tests.builders import AN_HOUR, EVENT, PUBLIC, a_demand, a_listing
from tests.stage import Stage


def test_a_message_that_is_no_request_is_buried_with_its_reason(stage: Stage) -> None:
    """FLOW-3: generation can be asked for by hand, and a mistake stops nobody."""
    # Given a request that is no JSON, one without ids, and a good one, in one batch
    opens_at = stage.now + 5 * AN_HOUR
    stage.hear_of(a_listing(opens_at=opens_at))
    stage.opt_in(a_demand(1))
    good = GenerationRequest(event_id=EVENT, sale_id=PUBLIC).to_json()
    stage.world.queues.send(QUEUE, ["no json", "{}", good])

    stage.pass_time(minutes=1)

    # Then the good one was done, and the others say what they are
    assert stage.ends() == {"CREATED": 1}
    letters = stage.world.queues.dead_letters(QUEUE, 10)
    assert {letter.body for letter in letters} == {"no json", "{}"}
    assert all("Permanent" in letter.reason for letter in letters)
    assert stage.world.queues.waiting() == {}


def test_a_request_that_came_too_early_is_redriven(stage: Stage) -> None:
    # Given a request for a sale that nobody imported yet
    stage.opt_in(a_demand(1))
    stage.world.queues.send(QUEUE, [GenerationRequest(event_id=EVENT, sale_id=PUBLIC).to_json()])
    stage.pass_time(minutes=1)
    (letter,) = stage.world.queues.dead_letters(QUEUE, 10)
    assert "import the event first" in letter.reason

    # When the event is imported and the letter sent again
    stage.hear_of(a_listing(opens_at=stage.now + 5 * AN_HOUR))
    assert stage.world.queues.redrive([letter.letter_id]) == 1
    stage.pass_time(minutes=1)

    # Then the rows are there
    assert stage.ends() == {"CREATED": 1}
    assert stage.world.queues.dead_letters(QUEUE, 10) == ()
