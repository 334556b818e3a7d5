"""Fans who hold something false are told the truth once, where the brand wants it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import SaleId
from fanfare.model.notification import MessageKind, State
from fanfare.model.sale import Sale
from fanfare.ports.notifications import Transitions
from fanfare.topology import World
from fanfare.workers import correct_notifications
from tests.builders import AN_HOUR, NOW, PUBLIC, a_brand, a_demand, a_source_event, an_event
from tests.workers import at_work

SPEAKING = replace(a_brand(), sale_changed=True)


@pytest.fixture
def world() -> Iterator[World]:
    engine = EmbeddedEngine.temporary(clock=SteppedClock(NOW))
    yield at_work.a_world(engine)
    engine.close()


def told_of_a_sale_that_moved(world: World) -> Sale:
    """One fan's reminder reached the provider; then the sale moves by an hour."""
    at_work.store(world)
    at_work.opt_in(world, a_demand(1))
    at_work.plan(world)
    at_work.generate(world)
    row = at_work.row(world)
    for old, new in ((State.CREATED, State.TRIGGERED), (State.TRIGGERED, State.QUEUED), (State.QUEUED, State.SENT)):
        world.notifications.move(
            Transitions(
                ids=[row.notification_id], versions=[at_work.row(world).version], old_states=[old], new_states=[new],
                reasons=[None], wake_ms=[None], at_ms=0, provider="lab", provider_ids=["SM1"],
            )
        )  # fmt: skip
    at_work.store(world, a_source_event(an_event(version=0), opens_at=NOW + 2 * AN_HOUR))
    moved = world.sales.get(SaleId(PUBLIC))
    assert moved is not None
    assert moved.revision > 1
    return moved


def correct(world: World, sale: Sale, *, speaking: bool = True) -> int:
    brand = SPEAKING if speaking else a_brand()
    return correct_notifications.run(sale, notifications=world.notifications, brands=[brand], clock=world.clock)


def test_who_was_told_gets_one_correction_however_often_it_is_run(world: World) -> None:
    moved = told_of_a_sale_that_moved(world)

    assert [correct(world, moved), correct(world, moved)] == [1, 0]
    kinds = [row.kind for row in at_work.rows(world)]
    assert kinds.count(MessageKind.SALE_CHANGED) == 1


def test_a_brand_that_does_not_want_corrections_sends_none(world: World) -> None:
    moved = told_of_a_sale_that_moved(world)

    assert correct(world, moved, speaking=False) == 0


def test_a_sale_that_never_changed_is_not_corrected(world: World) -> None:
    moved = told_of_a_sale_that_moved(world)

    assert correct(world, replace(moved, revision=1, starts_at=NOW + timedelta(hours=1))) == 0
