"""What the source says of an event, laid over what is stored."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.event import Event, EventStatus
from fanfare.model.ids import EventId, SaleId
from fanfare.model.offer import Offer, SourceEvent
from fanfare.model.sale import Sale, SaleKind, SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.rules import sale_calendar, sale_identity
from fanfare.rules.policy import ReminderPolicy
from fanfare.rules.sale_calendar import Cancelled, Moved, New, SaleDecision, Unchanged, Updated

POLICY = ReminderPolicy()
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OPENS = datetime(2026, 5, 8, 14, tzinfo=UTC)
ARTIST = Offer(name="Artist Presale", starts_at=OPENS - 2 * DAY, ends_at=OPENS - HOUR)
VIP = Offer(name="VIP Packages", starts_at=OPENS)
PUBLIC = Offer(name="", starts_at=OPENS)


def a_source(
    public: Offer | None = PUBLIC,
    *presales: Offer,
    status: EventStatus = EventStatus.OFFSALE,
    **facts: Any,  # noqa: ANN401
) -> SourceEvent:
    event = Event(event_id=EventId("E1"), name="Les Étoiles Filantes", url=None, status=status, **facts)
    return SourceEvent(event=event, public=public, presales=presales)


def reconcile(source: SourceEvent, stored: tuple[Sale, ...] = (), now: datetime = NOW) -> tuple[SaleDecision, ...]:
    return sale_calendar.reconcile(source, stored, policy=POLICY, now=now)


def sale_of(decision: SaleDecision) -> Sale:
    return decision.after if isinstance(decision, Moved) else decision.sale


def imported(source: SourceEvent, stored: tuple[Sale, ...] = (), now: datetime = NOW) -> tuple[Sale, ...]:
    return tuple(sale_of(decision) for decision in reconcile(source, stored, now))


def kinds_of(decisions: tuple[SaleDecision, ...]) -> list[type[SaleDecision]]:
    return [type(decision) for decision in decisions]


def test_a_new_event_has_its_public_sale_and_its_presales() -> None:
    public, artist, vip = reconcile(a_source(PUBLIC, ARTIST, VIP))

    assert public == New(
        Sale(
            sale_id=SaleId("E1:public"),
            event_id=EventId("E1"),
            kind=SaleKind.PUBLIC,
            name="",
            status=SaleStatus.SCHEDULED,
            starts_at=OPENS,
            send_at=OPENS - timedelta(minutes=30),
            version=1,
        )
    )
    assert isinstance(artist, New)
    assert (artist.sale.sale_id, artist.sale.kind) == ("E1:artist-presale", SaleKind.ARTIST)
    assert artist.sale.is_notifiable
    assert sale_of(vip).suppressed is SuppressionReason.NOT_BEFORE_PUBLIC


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (None, UnscheduledReason.NO_START),
        (Offer(name="", starts_at=None), UnscheduledReason.NO_START),
        (Offer(name="", starts_at=datetime(1900, 1, 1, 6, tzinfo=UTC)), UnscheduledReason.START_SENTINEL),
        (Offer(name="", starts_at=OPENS, is_tbd=True), UnscheduledReason.START_TBD),
        (Offer(name="", starts_at=None, is_tba=True), UnscheduledReason.START_TBA),
        (Offer(name="", starts_at=NOW), UnscheduledReason.ALREADY_OPEN),
    ],
)
def test_a_sale_without_a_start_ahead_is_unscheduled_and_says_why(
    offer: Offer | None, reason: UnscheduledReason
) -> None:
    (sale,) = imported(a_source(offer))

    assert (sale.status, sale.unscheduled) == (SaleStatus.UNSCHEDULED, reason)
    assert (sale.starts_at, sale.send_at, sale.is_notifiable) == (None, None, False)


def test_a_moved_start_is_one_move_and_one_revision() -> None:
    """FLOW-10."""
    stored = imported(a_source(PUBLIC, ARTIST))
    later = replace(ARTIST, starts_at=OPENS - DAY)

    public, artist = reconcile(a_source(PUBLIC, later), stored)

    assert public == Unchanged(stored[0])
    assert artist == Moved(stored[1], replace(stored[1].moved(starts_at=OPENS - DAY, send_at=OPENS - DAY - HOUR / 2)))


def test_a_start_that_was_put_into_the_past_is_a_move_too() -> None:
    stored = imported(a_source())
    (decision,) = reconcile(a_source(replace(PUBLIC, starts_at=NOW - HOUR)), stored)

    assert isinstance(decision, Moved)
    assert (decision.after.status, decision.after.starts_at) == (SaleStatus.SCHEDULED, NOW - HOUR)


def test_a_start_that_is_withdrawn_and_comes_back_is_told_by_revisions() -> None:
    stored = imported(a_source())
    without = imported(a_source(replace(PUBLIC, is_tba=True)), stored)
    again = imported(a_source(), without)

    assert [sale.revision for (sale,) in (stored, without, again)] == [1, 2, 3]
    assert without[0].unscheduled is UnscheduledReason.START_TBA
    assert again[0].starts_at == OPENS


def test_another_reason_for_no_start_tells_no_fan_anything() -> None:
    stored = imported(a_source(None))
    (decision,) = reconcile(a_source(replace(PUBLIC, is_tbd=True)), stored)

    assert isinstance(decision, Updated)
    assert (decision.sale.revision, decision.sale.version) == (1, 2)


def test_a_cancelled_event_cancels_what_has_not_opened() -> None:
    """FLOW-10."""
    early = replace(ARTIST, starts_at=NOW + HOUR, ends_at=None)
    stored = imported(a_source(PUBLIC, early))
    decisions = reconcile(a_source(PUBLIC, early, status=EventStatus.CANCELLED), stored, NOW + 2 * HOUR)

    assert decisions == (Cancelled(stored[0].cancelled()), Unchanged(stored[1]))


def test_a_cancelled_event_seen_first_has_cancelled_sales() -> None:
    source = a_source(PUBLIC, replace(ARTIST, starts_at=NOW - HOUR), status=EventStatus.CANCELLED)
    public, artist = imported(source)

    assert (public.status, public.revision) == (SaleStatus.CANCELLED, 1)
    assert artist.unscheduled is UnscheduledReason.ALREADY_OPEN
    assert kinds_of(reconcile(source, (public, artist))) == [Unchanged, Unchanged]


def test_an_event_that_takes_place_after_all_opens_its_sales_again() -> None:
    stored = imported(a_source(), imported(a_source(status=EventStatus.CANCELLED)))

    assert (stored[0].status, stored[0].revision) == (SaleStatus.SCHEDULED, 2)


def test_a_cancelled_sale_whose_hour_has_passed_stays_cancelled() -> None:
    stored = imported(a_source(status=EventStatus.CANCELLED))

    assert kinds_of(reconcile(a_source(), stored, OPENS)) == [Unchanged]


@pytest.mark.parametrize("status", [EventStatus.POSTPONED, EventStatus.RESCHEDULED, EventStatus.UNKNOWN])
def test_a_postponed_event_moves_no_sale_by_itself(status: EventStatus) -> None:
    stored = imported(a_source(PUBLIC, ARTIST))

    assert kinds_of(reconcile(a_source(PUBLIC, ARTIST, status=status), stored)) == [Unchanged, Unchanged]


def test_a_presale_that_is_gone_is_cancelled_unless_it_opened() -> None:
    stored = imported(a_source(PUBLIC, ARTIST))

    assert reconcile(a_source(), stored)[1] == Cancelled(stored[1].cancelled())
    assert reconcile(a_source(), stored, OPENS - DAY)[1] == Unchanged(stored[1])


def test_a_sale_that_opened_is_not_unscheduled() -> None:
    stored = imported(a_source())

    assert kinds_of(reconcile(a_source(None), stored, OPENS)) == [Unchanged]


def test_a_new_spelling_is_no_news_to_fans() -> None:
    stored = imported(a_source(PUBLIC, ARTIST))
    decision = reconcile(a_source(PUBLIC, replace(ARTIST, name="ARTIST PRESALE®")), stored)[1]

    assert decision == Updated(replace(stored[1], name="ARTIST PRESALE®", version=2))


def test_a_suppression_that_ends_is_an_update() -> None:
    stored = imported(a_source(PUBLIC, VIP))
    decision = reconcile(a_source(replace(PUBLIC, starts_at=OPENS + DAY), VIP), stored)[1]

    assert decision == Updated(replace(stored[1], suppressed=None, version=2))


def test_an_operators_suppression_outlives_imports() -> None:
    (sale,) = imported(a_source())
    stored = (replace(sale, suppressed=SuppressionReason.BY_OPERATOR),)

    assert reconcile(a_source(), stored) == (Unchanged(stored[0]),)


NAMES = st.sampled_from(["Artist Presale", "Artist Preale", "VIP", "Citi® Presale", "Radio Presale", "VIP 2", ""])
HOURS = st.integers(-72, 400).map(lambda hours: NOW + hours * HOUR)
OFFERS = st.builds(
    Offer,
    name=NAMES,
    starts_at=st.none() | HOURS | st.just(datetime(1900, 1, 1, 6, tzinfo=UTC)),
    ends_at=st.none() | HOURS,
    is_tbd=st.sampled_from([False, False, False, True]),
)


def listed(public: Offer | None, presales: list[Offer], status: EventStatus) -> SourceEvent:
    return a_source(public, *presales, status=status)


SOURCES = st.builds(
    listed,
    st.none() | OFFERS,
    st.lists(OFFERS, max_size=6),
    st.sampled_from(EventStatus),
)


@given(SOURCES, st.integers(0, 500))
def test_importing_twice_changes_nothing_not_even_later(source: SourceEvent, hours: int) -> None:
    stored = imported(source)
    later = NOW + hours * HOUR

    assert set(kinds_of(reconcile(source, stored))) == {Unchanged}
    after_a_while = [sale_of(decision) for decision in reconcile(source, stored, later)]
    assert [sale.sale_id for sale in after_a_while] == [sale.sale_id for sale in stored]
    assert [sale.starts_at for sale in after_a_while] == [sale.starts_at for sale in stored]


@given(SOURCES, SOURCES, st.randoms(use_true_random=False))
def test_the_order_of_the_list_says_nothing(before: SourceEvent, now: SourceEvent, chance: random.Random) -> None:
    stored = imported(before)
    shuffled = list(now.presales)
    chance.shuffle(shuffled)
    stored_shuffled = list(stored)
    chance.shuffle(stored_shuffled)

    assert reconcile(now, stored) == reconcile(replace(now, presales=tuple(shuffled)), tuple(stored_shuffled))


@given(SOURCES, SOURCES)
def test_every_sale_is_decided_once_and_ids_stay_their_own(before: SourceEvent, now: SourceEvent) -> None:
    stored = imported(before)
    decisions = reconcile(now, stored)
    ids = [sale_of(decision).sale_id for decision in decisions]

    assert len(ids) == len(set(ids))
    assert {sale.sale_id for sale in stored} <= set(ids)
    assert set(kinds_of(reconcile(now, tuple(map(sale_of, decisions))))) == {Unchanged}


@given(SOURCES, SOURCES)
def test_the_revision_grows_exactly_when_what_was_told_became_false(before: SourceEvent, now: SourceEvent) -> None:
    stored = {sale.sale_id: sale for sale in imported(before)}

    for sale in imported(now, tuple(stored.values())):
        old = stored.get(sale.sale_id)
        if old is not None:
            told = [(one.starts_at, one.status is SaleStatus.CANCELLED) for one in (old, sale)]
            assert sale.revision - old.revision == (told[0] != told[1])
            assert sale.version - old.version == (sale != old)


@given(
    st.lists(st.tuples(NAMES, st.integers(1, 400), st.none() | st.integers(401, 500)), min_size=1, max_size=6),
    st.data(),
)
def test_one_moved_start_is_exactly_one_move_of_the_same_sale(
    presales: list[tuple[str, int, int | None]], data: st.DataObject
) -> None:
    offers = [
        Offer(name=name, starts_at=NOW + start * HOUR, ends_at=None if end is None else NOW + end * HOUR)
        for name, start, end in presales
    ]
    place = data.draw(st.integers(0, len(offers) - 1))
    moved_to = NOW + data.draw(st.integers(1, 400).filter(lambda hour: hour != presales[place][1])) * HOUR
    before, after = a_source(None, *offers), list(offers)
    after[place] = replace(offers[place], starts_at=moved_to)
    stored = imported(before)

    decisions = reconcile(a_source(None, *after), stored)

    moves = [decision for decision in decisions if isinstance(decision, Moved)]
    assert len(moves) == 1
    assert moves[0].before.sale_id == moves[0].after.sale_id
    assert (moves[0].before.name, moves[0].before.starts_at) == (offers[place].name, offers[place].starts_at)
    assert moves[0].after.starts_at == moved_to
    assert sum(isinstance(decision, Unchanged | Updated) for decision in decisions) == len(decisions) - 1


def test_the_public_sale_has_its_own_id() -> None:
    assert sale_identity.public_id(EventId("E1")) == "E1:public"
