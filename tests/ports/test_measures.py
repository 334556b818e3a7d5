"""Measures: counts over rows as they stand, and counters by day."""

from dataclasses import replace
from datetime import timedelta

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.measures import Measures
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.measure import LinkMeasures, RowMeasures
from fanfare.model.notification import Reason, State
from tests.ports.given import Given, an_event


def counted(engine: EmbeddedEngine) -> RowMeasures:
    now = engine.clock.now()
    return Measures(engine.store).rows(
        now - timedelta(days=1), now, finish_before_opening=timedelta(minutes=5), max_early=timedelta(hours=2)
    )


def test_counters_add_up_by_day(engine: EmbeddedEngine) -> None:
    measures, now = Measures(engine.store), engine.clock.now()
    measures.add({"a": 1, "b": 2}, now - timedelta(days=1))
    measures.add({"a": 10}, now)
    measures.add({}, now)

    assert measures.counted(now - timedelta(days=1)) == {"a": 11, "b": 2}
    assert measures.counted(now) == {"a": 10}


def test_an_empty_store_has_nothing_to_measure(engine: EmbeddedEngine) -> None:
    found = counted(engine)

    assert (found.reported, found.due, found.duplicates, found.hand_over_p95_seconds) == (0, 0, 0, None)
    assert Measures(engine.store).links() == LinkMeasures(events=0, shortened=0)


def test_delivered_rows_are_counted_with_their_times(given: Given, engine: EmbeddedEngine, clock: SteppedClock) -> None:
    ids, tokens = given.queued(3)
    clock.advance_to(clock.now() + timedelta(seconds=2))
    taken = replace(given.moves(ids, tokens, State.QUEUED, State.SENT, wake_in_seconds=3600), provider="twilio",
                    provider_ids=[f"SM{each}" for each in ids])  # fmt: skip
    engine.notifications.move(taken)
    clock.advance_to(clock.now() + timedelta(seconds=8))
    versions = [token + 1 for token in tokens]
    engine.notifications.move(given.moves(ids[:2], versions[:2], State.SENT, State.DELIVERED))
    failed = given.moves(ids[2:], versions[2:], State.SENT, State.FAILED, reason=Reason.UNREACHABLE)
    engine.notifications.move(failed)

    found = counted(engine)

    assert (found.reported, found.delivered, found.attempted, found.failed, found.accepted) == (3, 2, 3, 1, 3)
    assert (found.handed_over, found.hand_over_p95_seconds) == (3, 2.0)
    assert (found.delivery_timed, found.delivery_mean_seconds) == (2, 10.0)
    assert found.duplicates == 0


def test_sent_rows_that_wait_for_their_report_are_not_judged_yet(given: Given, engine: EmbeddedEngine) -> None:
    given.sent(2)

    found = counted(engine)

    assert (found.reported, found.accepted, found.attempted) == (0, 2, 2)


def test_what_was_taken_before_the_last_minutes_is_on_time(
    given: Given, engine: EmbeddedEngine, clock: SteppedClock
) -> None:
    given.sent(2)  # an hour before the opening
    clock.advance_to(clock.now() + timedelta(hours=1))

    found = counted(engine)

    assert (found.openings_due, found.on_time) == (2, 2)


def test_a_row_alive_after_its_cut_off_was_dropped(given: Given, engine: EmbeddedEngine, clock: SteppedClock) -> None:
    given.released(2)
    assert counted(engine).dropped == 0
    clock.advance_to(clock.now() + timedelta(hours=1, minutes=3))

    found = counted(engine)

    assert (found.due, found.dropped, found.openings_due, found.on_time) == (2, 2, 2, 0)


def test_suppressed_rows_are_not_reached_but_not_dropped(given: Given, engine: EmbeddedEngine) -> None:
    given.sale()
    given.rows(given.fans(2), state=State.SUPPRESSED, reason=Reason.OPTED_OUT)

    found = counted(engine)

    assert (found.not_reached, found.dropped) == (2, 0)


def test_one_address_told_twice_is_a_duplicate(given: Given, engine: EmbeddedEngine) -> None:
    given.sent(2)
    engine.store.change("UPDATE contact SET address_hash = (SELECT address_hash FROM contact LIMIT 1)")

    assert counted(engine).duplicates == 1


def test_rows_before_the_window_do_not_count(given: Given, engine: EmbeddedEngine, clock: SteppedClock) -> None:
    given.sent(1)
    clock.advance_to(clock.now() + timedelta(days=2))

    assert counted(engine).accepted == 0


def test_demanded_events_are_counted_with_their_short_links(given: Given, engine: EmbeddedEngine) -> None:
    engine.events.put(an_event())
    engine.events.put(an_event("E2"))  # demanded by its artist only where somebody does
    engine.events.put(replace(an_event("E3", attractions=()), short_url="https://s.example/3"))
    given.fans(1)
    measures = Measures(engine.store)

    assert measures.links() == LinkMeasures(events=1, shortened=0)
    engine.events.put(replace(an_event(version=2), short_url="https://s.example/1"))
    assert measures.links() == LinkMeasures(events=1, shortened=1)
