"""What every engine promises about release plans."""

from dataclasses import replace
from datetime import timedelta

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import SaleId, SenderName
from fanfare.ports.plans import ReleasePlan
from tests.ports.given import SALE, SENDER, Given


def test_the_last_plan_of_a_sale_and_sender_holds(engine: EmbeddedEngine, given: Given) -> None:
    plan = ReleasePlan(
        sale_id=SALE, sender=SENDER, opens_at=given.now + timedelta(hours=1), revision=1, release_at=given.now,
        segments=100, forecast_finish_at=None, not_reachable=0, planned_at=given.now,
    )  # fmt: skip
    other = replace(plan, sender=SenderName("a-first"), forecast_finish_at=given.now + timedelta(minutes=3))
    engine.plans.put(plan)
    engine.plans.put(other)

    engine.plans.put(replace(plan, segments=50, not_reachable=7, revision=2))

    assert engine.plans.of_sale(SALE) == (other, replace(plan, segments=50, not_reachable=7, revision=2))
    assert engine.plans.of_sale(SaleId("none")) == ()


def test_open_plans_are_those_of_sales_that_have_not_opened(engine: EmbeddedEngine, given: Given) -> None:
    plan = ReleasePlan(
        sale_id=SALE, sender=SENDER, opens_at=given.now + timedelta(hours=2), revision=1, release_at=given.now,
        segments=1, forecast_finish_at=None, not_reachable=0, planned_at=given.now,
    )  # fmt: skip
    sooner = replace(plan, sale_id=SaleId("E2:public"), opens_at=given.now + timedelta(hours=1))
    engine.plans.put(plan)
    engine.plans.put(sooner)

    assert engine.plans.open(given.now) == (sooner, plan)
    assert engine.plans.open(sooner.opens_at) == (plan,)
