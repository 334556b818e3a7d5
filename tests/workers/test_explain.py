"""Why one fan was told or not, and an account of every row."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import FanId, SaleId
from fanfare.model.notification import Reason, State
from fanfare.ports.faults import Permanent
from fanfare.rules.why_words import Cause
from fanfare.workers import explain
from fanfare.workers.explain import Explanation
from tests.ports.given import SALE, Given, a_demand, a_sale, an_event


@pytest.fixture
def given() -> Iterator[Given]:
    engine = EmbeddedEngine.temporary(clock=SteppedClock(datetime(2026, 5, 1, 12, tzinfo=UTC)))
    yield Given(engine)
    engine.close()


def told(given: Given, fan: str, sale: str = SALE) -> Explanation:
    engine = given.engine
    return explain.explain(
        FanId(fan), SaleId(sale), sales=engine.sales, events=engine.events, demands=engine.demands,
        notifications=engine.notifications, switches=engine.switches, clock=engine.clock,
    )  # fmt: skip


def adopt(given: Given, number: int, *, event_id: str | None = "E1") -> str:
    """Store one fan's demand under the ref that the account id has."""
    demand = a_demand(number, given.now, event_id=event_id)
    given.engine.demands.adopt([demand.fan_id], [demand.fan_ref])
    given.engine.demands.put([demand], [""])
    return demand.fan_id


def test_a_fan_and_a_sale_that_nobody_knows_are_said_to_be(given: Given) -> None:
    assert told(given, "nobody").answer.cause is Cause.SALE_UNKNOWN

    given.sale()

    assert told(given, "nobody").answer.cause is Cause.FAN_UNKNOWN


def test_a_fan_who_asked_waits_for_generation(given: Given) -> None:
    given.sale()

    assert told(given, adopt(given, 1)).answer.cause is Cause.NOT_YET_GENERATED


def test_a_demand_for_the_artist_counts(given: Given) -> None:
    given.engine.events.put(an_event())
    given.sale()

    assert told(given, adopt(given, 1, event_id=None)).answer.cause is Cause.NOT_YET_GENERATED


def test_a_demand_for_another_event_does_not_count(given: Given) -> None:
    given.sale()

    assert told(given, adopt(given, 1, event_id="E2")).answer.cause is Cause.NO_DEMAND


def test_a_fans_rows_are_shown_with_their_words(given: Given) -> None:
    given.sale()
    fan = adopt(given, 1)
    given.rows(given.fans(1), state=State.SUPPRESSED, reason=Reason.OPTED_OUT)

    found = told(given, fan)

    assert (found.answer.cause, found.answer.reason) == (Cause.SUPPRESSED, Reason.OPTED_OUT)
    assert [each.words for each in found.rows] == ["Not sent on purpose: the address has opted out."]


def test_asking_changes_nothing(given: Given) -> None:
    given.sale()
    fan = adopt(given, 1)
    before = given.engine.store.value("PRAGMA data_version"), given.engine.store.rows("SELECT * FROM change")

    told(given, fan)

    assert (given.engine.store.value("PRAGMA data_version"), given.engine.store.rows("SELECT * FROM change")) == before


def test_every_row_is_accounted_for_and_every_sum_agrees(given: Given) -> None:
    given.sent(3)
    given.rows(given.fans(2, first=10), state=State.SUPPRESSED, reason=Reason.QUIET_HOURS)
    given.rows(given.fans(4, first=20))

    found = explain.totals(SALE, sales=given.engine.sales, notifications=given.engine.notifications)

    assert found.adds_up
    assert (found.rows, found.ends, found.in_flight, found.accepted, found.late) == (9, 2, 7, 3, 0)
    assert found.by_state == {"SENT": 3, "SUPPRESSED": 2, "CREATED": 4}


def test_a_row_whose_report_never_came_is_an_end(given: Given) -> None:
    ids = given.sent(2)
    rows = [given.engine.notifications.reported([f"SM{row_id}"]) for row_id in ids]
    versions = [row.versions[0] for row in rows]
    given.engine.notifications.move(given.moves(ids, versions, State.SENT, State.SENT, reason=Reason.NO_REPORT))

    found = explain.totals(SALE, sales=given.engine.sales, notifications=given.engine.notifications)

    assert (found.ends, found.in_flight, found.adds_up) == (2, 0, True)


def test_a_sale_without_rows_adds_up_to_nothing(given: Given) -> None:
    given.sale(a_sale(given.now))

    found = explain.totals(SALE, sales=given.engine.sales, notifications=given.engine.notifications)

    assert (found.rows, found.adds_up) == (0, True)


def test_totals_of_a_sale_that_nobody_knows_are_refused(given: Given) -> None:
    with pytest.raises(Permanent):
        explain.totals(SALE, sales=given.engine.sales, notifications=given.engine.notifications)
