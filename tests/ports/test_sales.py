"""What every engine promises about sales."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.change import RecordType
from fanfare.model.ids import SaleId
from fanfare.model.sale import SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.ports.faults import Conflict
from tests.ports.given import EVENT, SALE, Given, a_sale


def test_a_sale_comes_back_as_it_was_put(engine: EmbeddedEngine, given: Given) -> None:
    sale = replace(
        a_sale(given.now), kind=SaleKind.VIP, name="VIP", ends_at=given.now + timedelta(days=1),
        suppressed=SuppressionReason.KEYWORD, frozen_at=given.now, revision=4,
    )  # fmt: skip
    bare = replace(
        a_sale(given.now, sale_id="E1:x"), status=SaleStatus.UNSCHEDULED, starts_at=None, send_at=None,
        unscheduled=UnscheduledReason.START_TBD,
    )  # fmt: skip

    engine.sales.put(sale)
    engine.sales.put(bare)

    assert engine.sales.get(SALE) == sale
    assert engine.sales.of_event(EVENT) == (sale, bare)
    assert engine.sales.get(SaleId("none")) is None


@pytest.mark.parametrize("version", [1, 3])
def test_a_writer_that_missed_a_version_is_told(engine: EmbeddedEngine, given: Given, version: int) -> None:
    sale = given.sale()

    with pytest.raises(Conflict):
        engine.sales.put(replace(sale, version=version, name="other"))

    assert engine.sales.get(SALE) == sale


def test_each_put_leaves_a_change(engine: EmbeddedEngine, given: Given) -> None:
    sale = given.sale()
    engine.sales.put(sale.cancelled())

    changes, _ = engine.changes.read(None, [RecordType.SALE], 10)

    assert [(each.key, each.version, each.old_state, each.new_state) for each in changes] == [
        (SALE, 1, None, "scheduled"),
        (SALE, 2, "scheduled", "cancelled"),
    ]


def test_only_notifiable_sales_are_sent_for_and_the_interval_is_half_open(engine: EmbeddedEngine, given: Given) -> None:
    early = given.sale(a_sale(given.now, sale_id="E1:a", opens_in_minutes=40))
    late = given.sale(a_sale(given.now, sale_id="E1:b", opens_in_minutes=60))
    hushed = replace(a_sale(given.now, sale_id="E1:c"), suppressed=SuppressionReason.ARTIST)
    given.sale(hushed)
    given.sale(replace(a_sale(given.now, sale_id="E1:d"), status=SaleStatus.CANCELLED))
    assert early.send_at is not None
    assert late.send_at is not None

    assert engine.sales.sending_between(early.send_at, late.send_at) == (early,)
    assert engine.sales.sending_between(early.send_at, late.send_at + timedelta(seconds=1)) == (early, late)


def test_sales_that_open_later_come_whatever_their_status(engine: EmbeddedEngine, given: Given) -> None:
    later = given.sale(a_sale(given.now, sale_id="E1:b", opens_in_minutes=90))
    soon = given.sale(replace(a_sale(given.now, sale_id="E1:a"), status=SaleStatus.CANCELLED))
    given.sale(a_sale(given.now, sale_id="E1:c", opens_in_minutes=0))

    assert engine.sales.opening_after(given.now, 10) == (soon, later)
    assert engine.sales.opening_after(given.now, 1) == (soon,)
