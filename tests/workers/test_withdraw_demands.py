"""A fan no longer wants to hear of an event, and may ask again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.ids import FanId, FanRef
from fanfare.model.notification import Reason, State
from fanfare.workers import withdraw_demands
from tests.ports.given import SALE, SENDER, Given, a_demand, an_event

FAN = FanId("fan-1")


@pytest.fixture
def given() -> Iterator[Given]:
    engine = EmbeddedEngine.temporary(clock=SteppedClock(datetime(2026, 5, 1, 12, tzinfo=UTC)))
    engine.events.put(an_event())
    engine.demands.adopt([FAN], [FanRef(1)])
    found = Given(engine)
    found.sale()
    found.rows(found.fans(1))
    yield found
    engine.close()


def withdraw(given: Given, *, event_id: str | None = None, channel: Channel | None = None, fan: FanId = FAN) -> int:
    engine = given.engine
    return withdraw_demands.run(
        [fan], event_id=event_id, brand=None, channel=channel, demands=engine.demands, sales=engine.sales,
        events=engine.events, notifications=engine.notifications, clock=engine.clock,
    )  # fmt: skip


def ends(given: Given) -> list[tuple[State, Reason | None]]:
    return [(row.state, row.reason) for row in given.engine.notifications.of_sale_fan(SALE, FanRef(1))]


def test_what_waits_for_a_withdrawn_demand_is_ended(given: Given) -> None:
    assert withdraw(given, event_id="E1") == 1
    assert ends(given) == [(State.CANCELLED, Reason.WITHDRAWN)]
    assert [demand.active for demand in given.engine.demands.of_fan(FanRef(1))] == [False]


def test_withdrawing_twice_changes_nothing(given: Given) -> None:
    withdraw(given)

    assert withdraw(given) == 0
    assert ends(given) == [(State.CANCELLED, Reason.WITHDRAWN)]


def test_another_event_or_channel_keeps_its_reminder(given: Given) -> None:
    assert withdraw(given, event_id="E2") == 0
    assert withdraw(given, channel=Channel.EMAIL) == 0
    assert ends(given) == [(State.CREATED, None)]


def test_a_reminder_that_another_demand_asks_for_stays(given: Given) -> None:
    given.engine.demands.put([a_demand(1, given.now, event_id=None)], [""])

    assert withdraw(given, event_id="E1") == 1
    assert ends(given) == [(State.CREATED, None)]


def test_a_demand_for_an_artist_ends_the_reminders_of_its_events(given: Given) -> None:
    withdraw_all = a_demand(1, given.now, event_id=None)
    given.engine.demands.put([withdraw_all], [""])

    assert withdraw(given) == 2
    assert ends(given) == [(State.CANCELLED, Reason.WITHDRAWN)]


def test_what_was_sent_stays_sent(given: Given) -> None:
    given.engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=1)
    rows = given.engine.notifications.to_send(SENDER, given.now, 1)
    given.engine.notifications.intend(given.intents(rows))

    withdraw(given)

    assert ends(given)[0][0] is State.QUEUED


def test_a_fan_whom_nobody_knows_is_passed_over(given: Given) -> None:
    assert withdraw(given, fan=FanId("nobody")) == 0
