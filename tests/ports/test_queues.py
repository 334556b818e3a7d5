"""What every engine promises about queues: at least once, hidden while held, never lost."""

from datetime import timedelta

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine


def bodies(engine: EmbeddedEngine, queue: str = "q", limit: int = 10) -> list[str]:
    return [message.body for message in engine.queues.receive(queue, limit, 60)]


def test_a_received_message_is_hidden_until_its_visibility_ends(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a", "b", "c"])

    assert bodies(engine, limit=2) == ["a", "b"]
    assert bodies(engine) == ["c"]
    assert bodies(engine) == []
    assert engine.queues.next_visible_at() == clock.now() + timedelta(seconds=60)
    clock.advance(seconds=60)
    again = engine.queues.receive("q", 10, 60)
    assert [(message.body, message.attempts) for message in again] == [("a", 2), ("b", 2), ("c", 2)]


def test_a_message_that_is_done_never_comes_back(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a", "b"])
    first, _ = engine.queues.receive("q", 10, 60)

    engine.queues.done("q", [first.message_id])
    engine.queues.done("q", [first.message_id])
    clock.advance(seconds=61)

    assert bodies(engine) == ["b"]


def test_queues_are_apart(engine: EmbeddedEngine) -> None:
    engine.queues.send("q", ["a"])
    engine.queues.send("other", ["b", "c"])

    assert engine.queues.waiting() == {"q": 1, "other": 2}
    assert bodies(engine, "other") == ["b", "c"]
    assert bodies(engine, "q") == ["a"]


def test_dead_letters_are_counted_by_queue(engine: EmbeddedEngine) -> None:
    engine.queues.send("q", ["a", "b"])
    for message in engine.queues.receive("q", 10, 60):
        engine.queues.bury("q", message.message_id, "Permanent: no")
    engine.queues.quarantine("stream", "???", "not JSON")

    assert engine.queues.buried() == {"q": 2, "stream": 1}
    engine.queues.redrive([letter.letter_id for letter in engine.queues.dead_letters("q", 10)])
    assert engine.queues.buried() == {"stream": 1}


def test_a_delayed_message_waits(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a"], delay_seconds=1.5)

    assert bodies(engine) == []
    assert engine.queues.next_visible_at() == clock.now() + timedelta(seconds=1.5)
    clock.advance(seconds=1.5)
    assert bodies(engine) == ["a"]


def test_an_equal_message_that_still_waits_is_not_doubled(engine: EmbeddedEngine) -> None:
    for _ in range(2):
        engine.queues.send("q", ["a"], key="k")
    engine.queues.send("q", ["a"], key="other")
    engine.queues.send("q", ["a"])
    engine.queues.send("q", ["a"])

    assert engine.queues.waiting() == {"q": 4}


def test_a_message_under_work_does_not_swallow_a_new_one(engine: EmbeddedEngine) -> None:
    engine.queues.send("q", ["a"], key="k")
    bodies(engine)

    engine.queues.send("q", ["a"], key="k")

    assert bodies(engine) == ["a"]


def test_a_message_can_be_given_back(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a"])
    (message,) = engine.queues.receive("q", 1, 60)

    engine.queues.again("q", message.message_id, 5)

    assert bodies(engine) == []
    clock.advance(seconds=5)
    assert engine.queues.receive("q", 1, 60)[0].attempts == 2


def test_who_held_a_message_too_long_cannot_move_it(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a"])
    (late,) = engine.queues.receive("q", 1, 60)
    clock.advance(seconds=61)
    engine.queues.receive("q", 1, 60)

    engine.queues.again("q", late.message_id, 0)
    engine.queues.bury("q", late.message_id, "too late")

    assert bodies(engine) == []
    assert engine.queues.dead_letters(None, 10) == ()
    assert engine.queues.waiting() == {"q": 1}


def test_a_buried_message_keeps_its_reason_and_can_be_sent_again(engine: EmbeddedEngine, clock: SteppedClock) -> None:
    engine.queues.send("q", ["a", "b"], key="k")
    for message in engine.queues.receive("q", 2, 60):
        engine.queues.bury("q", message.message_id, f"bad {message.body}")

    newest, oldest = engine.queues.dead_letters("q", 10)
    assert (newest.body, newest.reason, newest.attempts, newest.at) == ("b", "bad b", 1, clock.now())
    assert engine.queues.dead_letters("other", 10) == ()
    assert engine.queues.dead_letters(None, 1) == (newest,)

    assert engine.queues.redrive([newest.letter_id, oldest.letter_id]) == 2
    assert engine.queues.redrive([newest.letter_id]) == 0
    assert engine.queues.redrive([]) == 0
    assert {message.attempts for message in engine.queues.receive("q", 10, 60)} == {1}
    assert engine.queues.dead_letters(None, 10) == ()


def test_what_cannot_be_read_is_kept_beside_the_dead_letters(engine: EmbeddedEngine) -> None:
    engine.queues.quarantine("changes:lake", "{broken", "not JSON")

    (letter,) = engine.queues.dead_letters("changes:lake", 10)
    assert (letter.body, letter.reason) == ("{broken", "not JSON")
    assert engine.queues.waiting() == {}
