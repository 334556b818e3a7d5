"""An operator silences a sale, or lets it speak again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import SaleId
from fanfare.model.sale import Sale, SuppressionReason
from fanfare.rules.policy import MUSIC_CATEGORY, ReminderPolicy
from fanfare.workers import suppress_sales
from tests.ports.given import SALE, Given, an_event


@pytest.fixture
def given() -> Iterator[Given]:
    engine = EmbeddedEngine.temporary(clock=SteppedClock(datetime(2026, 5, 1, 12, tzinfo=UTC)))
    yield Given(engine)
    engine.close()


def unsuppress(given: Given, sale_id: SaleId = SALE) -> Sale | None:
    return suppress_sales.unsuppress(
        sale_id, sales=given.engine.sales, events=given.engine.events, policy=ReminderPolicy()
    )


def test_a_silenced_sale_is_not_notifiable_and_its_change_is_told(given: Given) -> None:
    given.sale()

    sale = suppress_sales.suppress(SALE, sales=given.engine.sales)

    assert sale is not None
    assert (sale.suppressed, sale.is_notifiable, sale.version) == (SuppressionReason.BY_OPERATOR, False, 2)
    assert given.engine.sales.get(SALE) == sale


def test_silencing_twice_changes_nothing(given: Given) -> None:
    given.sale()

    first = suppress_sales.suppress(SALE, sales=given.engine.sales)

    assert suppress_sales.suppress(SALE, sales=given.engine.sales) == first


def test_a_sale_that_speaks_again_is_as_it_was(given: Given) -> None:
    given.engine.events.put(replace(an_event(), category_id=MUSIC_CATEGORY))
    before = given.sale()
    suppress_sales.suppress(SALE, sales=given.engine.sales)

    assert unsuppress(given) == replace(before, version=3)


def test_what_the_policy_silences_stays_silent(given: Given) -> None:
    given.engine.events.put(replace(an_event(), is_test=True))
    given.sale()
    suppress_sales.suppress(SALE, sales=given.engine.sales)

    sale = unsuppress(given)

    assert sale is not None
    assert sale.suppressed is SuppressionReason.TEST_EVENT


def test_only_an_operators_word_is_taken_back(given: Given) -> None:
    given.engine.events.put(an_event())
    silenced = given.sale(replace(given.sale(), suppressed=SuppressionReason.KEYWORD, version=2))

    assert unsuppress(given) == silenced


def test_a_sale_that_nobody_knows_is_none(given: Given) -> None:
    assert suppress_sales.suppress(SALE, sales=given.engine.sales) is None
    assert unsuppress(given) is None
