"""What the source says is stored, and the sale calendar is kept true."""

from dataclasses import replace
from datetime import timedelta

from fanfare.model.ids import SaleId
from fanfare.model.offer import Offer, SourceEvent
from fanfare.model.sale import Sale, SaleStatus
from fanfare.rules.sale_calendar import Cancelled, Moved, New, Unchanged
from fanfare.topology import World, event_store
from fanfare.workers.store_events import StoredEvent
from tests.builders import AN_HOUR, EVENT, NOW, PUBLIC, a_source_event, an_event

PRESALE = Offer(name="Artist Presale", starts_at=NOW + AN_HOUR / 2)


def store(world: World, source: SourceEvent) -> StoredEvent:
    (stored,) = event_store(world)([source])
    return stored


def sale(world: World) -> Sale:
    found = world.sales.get(PUBLIC)
    assert found is not None
    return found


def test_an_event_and_its_sales_are_stored(world: World) -> None:
    stored = store(world, replace(a_source_event(), presales=(PRESALE,)))

    assert stored.changed
    assert [type(decision) for decision in stored.decisions] == [New, New]
    assert world.events.get([EVENT])[EVENT].artist == "Zoë"
    assert {each.sale_id for each in world.sales.of_event(EVENT)} == {PUBLIC, SaleId("E1:artist-presale")}


def test_an_equal_answer_changes_nothing(world: World) -> None:
    store(world, a_source_event())
    before = (world.events.get([EVENT]), world.sales.of_event(EVENT))

    stored = store(world, a_source_event())

    assert (stored.changed, type(stored.decisions[0])) == (False, Unchanged)
    assert (world.events.get([EVENT]), world.sales.of_event(EVENT)) == before


def test_a_moved_sale_is_one_revision_on(world: World) -> None:
    """FLOW-10: Discovery wins over stored data."""
    store(world, a_source_event())

    stored = store(world, a_source_event(opens_at=NOW + 2 * AN_HOUR))

    assert isinstance(stored.decisions[0], Moved)
    assert (sale(world).revision, sale(world).starts_at) == (2, NOW + 2 * AN_HOUR)
    assert sale(world).send_at == NOW + timedelta(minutes=90)


def test_a_presale_that_is_gone_is_cancelled(world: World) -> None:
    """FLOW-10."""
    store(world, replace(a_source_event(), presales=(PRESALE,)))

    stored = store(world, a_source_event())

    assert isinstance(stored.decisions[1], Cancelled)
    presale = world.sales.get(SaleId("E1:artist-presale"))
    assert presale is not None
    assert presale.status is SaleStatus.CANCELLED


def test_a_short_link_outlives_an_import_but_not_a_new_address(world: World) -> None:
    store(world, a_source_event())
    world.events.put(world.events.get([EVENT])[EVENT].shortened("https://fanf.example/abc"))

    store(world, a_source_event(an_event(version=0, name="Another name")))
    assert world.events.get([EVENT])[EVENT].short_url == "https://fanf.example/abc"

    store(world, a_source_event(an_event(version=0, url="https://www.ticketmaster.example/moved")))
    assert world.events.get([EVENT])[EVENT].short_url is None
