"""What every engine promises about notifications: once by identity, moved only under their version."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef, NotificationId, SaleId, SenderName
from fanfare.model.notification import EDGES, MessageKind, Occasion, OccasionKind, Reason, State
from fanfare.ports.faults import Permanent
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from tests.ports.given import SALE, SENDER, Given, a_sale, an_address_hash

SALE_OCCASION = Occasion(kind=OccasionKind.SALE, name=SALE)
INBOUND = Occasion(kind=OccasionKind.INBOUND, name="SM-in-1")


def state_of(engine: EmbeddedEngine, row_id: int) -> State:
    row = engine.notifications.get(NotificationId(row_id))
    assert row is not None
    return row.state


def opt_out(engine: EmbeddedEngine, number: int, *, scope: str = EVERY_BRAND) -> None:
    word = OptOut(
        address_hash=an_address_hash(number), channel=Channel.SMS, scope=scope, active=True,
        at=engine.clock.now(), source="sms_keyword",
    )  # fmt: skip
    engine.opt_outs.record([word])


# -- claims and puts


def test_the_first_fan_to_claim_an_address_holds_it(engine: EmbeddedEngine) -> None:
    claim = engine.notifications.claim
    hashes = [an_address_hash(1), an_address_hash(2)]

    first = claim(SALE_OCCASION, MessageKind.REMINDER, ["sms", "sms"], hashes, [FanRef(1), FanRef(2)])
    again = claim(SALE_OCCASION, MessageKind.REMINDER, ["sms", "sms"], hashes[::-1], [FanRef(9), FanRef(1)])

    assert first == (1, 2)
    assert again == (2, 1)


def test_of_two_claims_in_one_batch_the_first_wins(engine: EmbeddedEngine) -> None:
    hashes = [an_address_hash(2), an_address_hash(1), an_address_hash(1)]

    held = engine.notifications.claim(
        SALE_OCCASION, MessageKind.REMINDER, ["sms"] * 3, hashes, [FanRef(5), FanRef(9), FanRef(3)]
    )

    assert held == (5, 9, 9)


@pytest.mark.parametrize(
    ("occasion", "kind", "channel"),
    [
        (INBOUND, MessageKind.REMINDER, "sms"),
        (SALE_OCCASION, MessageKind.SALE_CHANGED, "sms"),
        (SALE_OCCASION, MessageKind.REMINDER, "email"),
    ],
)
def test_a_claim_is_for_one_occasion_kind_and_channel(
    engine: EmbeddedEngine, occasion: Occasion, kind: MessageKind, channel: str
) -> None:
    engine.notifications.claim(SALE_OCCASION, MessageKind.REMINDER, ["sms"], [an_address_hash(1)], [FanRef(1)])

    assert engine.notifications.claim(occasion, kind, [channel], [an_address_hash(1)], [FanRef(2)]) == (2,)


def test_putting_rows_again_adds_only_the_absent_ones(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    first, second = given.fans(3), given.fans(2, first=4)

    assert given.rows(first) == 3
    assert given.rows(first + second) == 2
    assert given.rows(first + second) == 0
    assert engine.notifications.totals(SALE).by_state == {"CREATED": 5}


def test_one_fan_may_have_another_kind_for_the_same_sale(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(1)
    given.rows(fans)

    assert given.rows(fans, kind=MessageKind.SALE_CHANGED) == 1
    kinds = {row.kind for row in engine.notifications.of_sale_fan(SALE, fans[0])}
    assert kinds == {MessageKind.REMINDER, MessageKind.SALE_CHANGED}


def test_a_suppressed_row_ends_as_it_is_written(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(1)

    given.rows(fans, state=State.SUPPRESSED, reason=Reason.SHARED_ADDRESS)

    (row,) = engine.notifications.of_fan(fans[0], 10)
    assert (row.state, row.reason, row.wake_at, row.ended_at) == (
        State.SUPPRESSED,
        Reason.SHARED_ADDRESS,
        None,
        given.now,
    )
    assert engine.notifications.next_wake_at() is None


def test_rows_of_an_unknown_sale_are_refused(given: Given) -> None:
    with pytest.raises(Permanent):
        given.rows(given.fans(1))


# -- lanes and release


def test_lanes_count_what_is_due_by_sale_and_sender(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    given.sale(a_sale(given.now, sale_id="E2:public"))
    fans = given.fans(4)
    given.rows(fans[:2])
    given.rows(fans[2:3], occasion=Occasion(kind=OccasionKind.SALE, name="E2:public"))
    given.rows(fans[3:], occasion=INBOUND, kind=MessageKind.HELP)
    given.rows(fans[3:], wake_in_seconds=60)

    lanes = {(lane.sale_id, lane.sender): lane.due for lane in engine.notifications.lanes(given.now, 100)}

    assert lanes == {(SALE, SENDER): 2, ("E2:public", SENDER): 1, (None, SENDER): 1}


def test_lanes_stop_counting_at_the_bound(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    given.rows(given.fans(5))

    (lane,) = engine.notifications.lanes(given.now, 3)

    assert lane.due == 3


def test_release_moves_due_rows_of_the_lane_and_revision_only(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(6)
    given.rows(fans[:3])
    given.rows(fans[3:4], wake_in_seconds=60)
    given.rows(fans[4:5], revision=2)
    given.rows(fans[5:], occasion=INBOUND, kind=MessageKind.HELP)
    trigger = engine.notifications.trigger

    assert trigger(SenderName("other"), SALE, revision=1, now=given.now, limit=10) == 0
    assert trigger(SENDER, SALE, revision=1, now=given.now, limit=2) == 2
    assert trigger(SENDER, SALE, revision=1, now=given.now, limit=10) == 1
    assert trigger(SENDER, None, revision=None, now=given.now, limit=10) == 1
    assert engine.notifications.totals(None).by_state == {"TRIGGERED": 4, "CREATED": 2}
    assert engine.notifications.triggered(SENDER, 3) == 3


def test_released_rows_come_with_everything_a_sender_needs(given: Given) -> None:
    rows = given.released(2)

    assert len(rows) == 2
    assert rows.states == ("TRIGGERED", "TRIGGERED")
    assert rows.sale_ids == (SALE, SALE)
    assert rows.sale_revisions == (1, 1)
    assert rows.attempts == (0, 0)
    assert rows.fan_refs == (1, 2)
    assert rows.address_hashes == (an_address_hash(1), an_address_hash(2))
    assert rows.sealed == (b"sealed-1", b"sealed-2")
    assert rows.zones == ("America/New_York",) * 2
    assert rows.regions == ("US-NY",) * 2
    assert rows.look_ups == (0, 0)
    assert rows.resents == (False, False)


# -- intents


def test_an_intent_counts_the_attempt_and_returns_the_fence_token(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)

    (token,) = engine.notifications.intend(given.intents(rows))

    row = engine.notifications.get(NotificationId(rows.ids[0]))
    assert row is not None
    assert (row.state, row.attempts, row.version, row.queued_at) == (State.QUEUED, 1, token, given.now)
    assert row.wake_at == given.now + timedelta(seconds=60)


def test_a_second_intent_with_the_same_version_is_refused(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)
    engine.notifications.intend(given.intents(rows))

    assert engine.notifications.intend(given.intents(rows)) == (None,)
    row = engine.notifications.get(NotificationId(rows.ids[0]))
    assert row is not None
    assert row.attempts == 1


def test_a_row_that_was_released_again_meanwhile_needs_its_present_version(
    engine: EmbeddedEngine, given: Given
) -> None:
    rows = given.released(1)
    waits = given.moves(rows.ids, rows.versions, State.TRIGGERED, State.CREATED, reason=Reason.MORNING)
    engine.notifications.move(replace(waits, wake_ms=[given.now_ms]))
    engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=1)

    assert engine.notifications.intend(given.intents(rows)) == (None,)
    again = engine.notifications.to_send(SENDER, given.now, 1)
    assert engine.notifications.intend(given.intents(again)) != (None,)


def test_one_row_named_twice_in_a_batch_is_attempted_once(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)
    intents = given.intents(rows)
    doubled = replace(
        intents, ids=rows.ids * 2, versions=rows.versions * 2, text_hashes=["a" * 16, "b" * 16],
        sale_revisions=rows.sale_revisions * 2, opt_out_binds=[True, True],
    )  # fmt: skip

    first, second = engine.notifications.intend(doubled)

    assert first is not None
    assert second is None


def test_an_opt_out_in_the_last_second_stops_the_intent(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(2)
    opt_out(engine, 1)

    first, second = engine.notifications.intend(given.intents(rows))

    assert first is None
    assert second is not None
    assert engine.notifications.opted_out(rows.ids) == {rows.ids[0]}
    assert state_of(engine, rows.ids[0]) is State.TRIGGERED


def test_an_opt_out_of_another_brand_stops_nothing(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)
    opt_out(engine, 1, scope="livenation")

    assert engine.notifications.intend(given.intents(rows)) != (None,)
    assert engine.notifications.opted_out(rows.ids) == frozenset()


def test_an_opt_out_does_not_stop_the_answer_to_the_fans_own_text(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)
    opt_out(engine, 1)

    assert engine.notifications.intend(given.intents(rows, binds=False)) != (None,)


def test_a_forgotten_fan_gets_no_intent(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(2)
    engine.vault.forget(FanRef(2))

    first, second = engine.notifications.intend(given.intents(rows))

    assert first is not None
    assert second is None


def test_a_moved_sale_stops_intents_of_its_former_revision(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)
    given.moved_sale(minutes=60)

    assert engine.notifications.intend(given.intents(rows)) == (None,)


def test_text_rendered_from_another_revision_is_refused(engine: EmbeddedEngine, given: Given) -> None:
    rows = given.released(1)

    assert engine.notifications.intend(replace(given.intents(rows), sale_revisions=[2])) == (None,)


def test_no_intent_at_or_after_the_cut_off(engine: EmbeddedEngine, given: Given, clock: SteppedClock) -> None:
    rows = given.released(1)
    clock.advance(seconds=3600)

    assert engine.notifications.intend(given.intents(rows)) == (None,)


# -- moves


def test_only_the_holder_of_the_fence_token_writes_the_outcome(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(2)
    stale = [token - 1 for token in tokens]

    assert engine.notifications.move(given.moves(ids, stale, State.QUEUED, State.SENT)) == ()
    assert engine.notifications.move(given.moves(ids, tokens, State.QUEUED, State.SENT)) == ids
    assert engine.notifications.move(given.moves(ids, tokens, State.QUEUED, State.SENT)) == ()


def test_a_move_answers_with_the_rows_that_moved(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(3)

    moved = engine.notifications.move(given.moves(ids, (tokens[0], 99, tokens[2]), State.QUEUED, State.SENT))

    assert moved == (ids[0], ids[2])
    assert state_of(engine, ids[1]) is State.QUEUED


def test_a_state_is_left_by_the_listed_edges_only(engine: EmbeddedEngine, given: Given) -> None:
    refused: set[tuple[State, State]] = set()
    for old, new in product(State, State):
        try:
            engine.notifications.move(given.moves([1], [1], old, new))  # no such row: nothing moves either way
        except ValueError:
            refused.add((old, new))

    assert refused == {(old, new) for old, new in product(State, State) if new not in EDGES[old]}


def test_an_accepted_row_keeps_who_accepted_it_and_when(engine: EmbeddedEngine, given: Given) -> None:
    (row_id,) = given.sent(1)

    row = engine.notifications.get(NotificationId(row_id))

    assert row is not None
    assert (row.state, row.provider_id, row.sent_at, row.ended_at) == (State.SENT, f"SM{row_id}", given.now, None)
    assert engine.notifications.last_sent_at() == given.now
    assert engine.notifications.totals(SALE).accepted == 1


def test_resting_without_a_report_is_an_end(engine: EmbeddedEngine, given: Given) -> None:
    (row_id,) = given.sent(1)
    row = engine.notifications.get(NotificationId(row_id))
    assert row is not None

    moves = given.moves([row_id], [row.version], State.SENT, State.SENT, reason=Reason.NO_REPORT)
    assert engine.notifications.move(moves) == (row_id,)

    rested = engine.notifications.get(NotificationId(row_id))
    assert rested is not None
    assert rested.is_ended
    assert (rested.ended_at, rested.wake_at) == (given.now, None)


def test_a_reports_own_instant_is_the_end_of_the_row(engine: EmbeddedEngine, given: Given) -> None:
    (row_id,) = given.sent(1)
    rows = engine.notifications.reported([f"SM{row_id}"])
    moves = given.moves([row_id], rows.versions, State.SENT, State.DELIVERED)

    engine.notifications.move(replace(moves, ended_ms=[given.now_ms - 5000], provider_codes=[0]))

    row = engine.notifications.get(NotificationId(row_id))
    assert row is not None
    assert row.ended_at == given.now - timedelta(seconds=5)


def test_a_retry_keeps_its_attempts_and_goes_out_again(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(1)
    engine.notifications.move(
        given.moves(ids, tokens, State.QUEUED, State.CREATED, reason=Reason.RETRY, wake_in_seconds=0)
    )

    assert engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=10) == 1
    rows = engine.notifications.to_send(SENDER, given.now, 10)
    assert rows.attempts == (1,)
    engine.notifications.intend(given.intents(rows))
    row = engine.notifications.get(NotificationId(ids[0]))
    assert row is not None
    assert row.attempts == 2


def test_empty_look_ups_are_counted_until_the_next_intent(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(1)
    moves = given.moves(ids, tokens, State.QUEUED, State.QUEUED, wake_in_seconds=10)
    engine.notifications.move(replace(moves, look_ups=[1], resents=[True]))

    due = engine.notifications.due([State.QUEUED], given.now + timedelta(seconds=10), 10)

    assert due.look_ups == (1,)
    assert due.resents == (True,)
    assert due.queued_monotonic == (7.5,)
    assert due.queued_series == ("series",)


# -- due rows


def test_due_rows_come_earliest_first_and_only_when_due(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(3)
    seconds = (30, 10, 90)
    moves = given.moves(ids, tokens, State.QUEUED, State.QUEUED)
    engine.notifications.move(replace(moves, wake_ms=[given.now_ms + each * 1000 for each in seconds]))

    due = engine.notifications.due([State.QUEUED, State.SENT], given.now + timedelta(seconds=30), 10)

    assert due.ids == (ids[1], ids[0])
    assert engine.notifications.next_wake_at() == given.now + timedelta(seconds=10)


@pytest.mark.parametrize("state", [State.CREATED, State.TRIGGERED])
def test_unsent_rows_can_be_asked_for_too(engine: EmbeddedEngine, given: Given, state: State) -> None:
    given.sale()
    given.rows(given.fans(2))
    if state is State.TRIGGERED:
        engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=10)

    assert len(engine.notifications.due([state], given.now, 10)) == 2
    assert len(engine.notifications.due([state], given.now - timedelta(seconds=1), 10)) == 0


def test_ended_rows_are_never_due(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(1)
    engine.notifications.move(given.moves(ids, tokens, State.QUEUED, State.FAILED, reason=Reason.REJECTED))

    assert len(engine.notifications.due(list(State), given.now + timedelta(days=9), 10)) == 0
    assert engine.notifications.next_wake_at() is None


# -- sales that move or end


def test_a_replan_gives_unsent_rows_the_new_times(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(3)
    given.rows(fans)
    engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=1)
    later = given.now_ms + 7_200_000

    def replan(limit: int) -> int:
        return engine.notifications.replan(
            SALE, revision=2, send_ms=later, wake_ms=later, cut_off_ms=later + 1, at=given.now, limit=limit
        )

    assert replan(2) == 2
    assert replan(10) == 1
    assert replan(10) == 0
    for fan_ref in fans:
        (row,) = engine.notifications.of_sale_fan(SALE, fan_ref)
        assert (row.state, row.sale_revision, row.reason) == (State.CREATED, 2, Reason.REPLANNED)
        assert row.wake_at == row.send_at == given.now + timedelta(hours=2)


def test_a_replan_leaves_attempts_under_way_alone(engine: EmbeddedEngine, given: Given) -> None:
    ids, _ = given.queued(1)

    moved = engine.notifications.replan(SALE, revision=2, send_ms=1, wake_ms=1, cut_off_ms=1, at=given.now, limit=10)

    assert moved == 0
    assert state_of(engine, ids[0]) is State.QUEUED


def test_closing_a_sale_ends_its_unsent_reminders(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(3)
    given.rows(fans)
    given.rows(fans[:1], kind=MessageKind.SALE_CHANGED)
    engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=2)
    close = engine.notifications.close

    assert close(SALE, State.CANCELLED, Reason.SALE_CANCELLED, given.now, 2) == 2
    assert close(SALE, State.CANCELLED, Reason.SALE_CANCELLED, given.now, 10) == 1
    assert close(SALE, State.CANCELLED, Reason.SALE_CANCELLED, given.now, 10) == 0
    assert close(SaleId("none"), State.CANCELLED, Reason.SALE_CANCELLED, given.now, 10) == 0
    assert engine.notifications.totals(SALE).by_reason == {"sale_cancelled": 3, "none": 1}


def test_closing_a_fan_spares_answers_to_the_fans_own_texts(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(2)
    given.rows(fans)
    given.rows(fans[:1], occasion=INBOUND, kind=MessageKind.OPT_OUT_CONFIRMED)
    given.rows(fans[:1], occasion=Occasion(kind=OccasionKind.CONSENT, name="c1"), kind=MessageKind.OPT_IN_CONFIRMED)

    def close(channel: Channel | None, brand: str | None = None) -> int:
        return engine.notifications.close_fan(
            fans[0], channel, State.SUPPRESSED, Reason.OPTED_OUT, given.now, brand=brand
        )

    assert close(Channel.EMAIL) == 0
    assert close(None, "livenation") == 0
    assert close(Channel.SMS) == 2
    states = {row.kind: row.state for row in engine.notifications.of_fan(fans[0], 10)}
    assert states == {
        MessageKind.REMINDER: State.SUPPRESSED,
        MessageKind.OPT_OUT_CONFIRMED: State.CREATED,
        MessageKind.OPT_IN_CONFIRMED: State.SUPPRESSED,
    }
    assert engine.notifications.of_fan(fans[1], 10)[0].state is State.CREATED


def test_told_lists_who_holds_something_now_false(engine: EmbeddedEngine, given: Given) -> None:
    ids = given.sent(3)
    given.rows(given.fans(1, first=9))

    first = engine.notifications.told(SALE, 2, None, 2)
    rest = engine.notifications.told(SALE, 2, first.ids[-1], 2)

    assert first.ids + rest.ids == ids
    assert len(engine.notifications.told(SALE, 1, None, 10)) == 0


# -- reports


def test_a_report_finds_its_row_by_the_providers_id_or_our_own(engine: EmbeddedEngine, given: Given) -> None:
    ids = given.sent(2)

    rows = engine.notifications.reported([f"SM{ids[1]}", "SM-unknown", (ids[0], 1), (10**9, 1)])

    assert rows.ids == (ids[1], None, ids[0], None)
    assert rows.states[0] == rows.states[2] == "SENT"
    assert rows.reported_attempts[0] == rows.reported_attempts[2] == 1
    assert rows.address_hashes[0] == an_address_hash(2)
    assert rows.channels[0] == "sms"


def test_a_report_of_an_earlier_attempt_still_finds_its_row(engine: EmbeddedEngine, given: Given) -> None:
    (row_id,) = given.sent(1)
    rows = engine.notifications.reported([f"SM{row_id}"])
    retry = given.moves([row_id], rows.versions, State.SENT, State.CREATED, reason=Reason.RETRY, wake_in_seconds=0)
    engine.notifications.move(retry)
    engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=1)
    again = engine.notifications.to_send(SENDER, given.now, 1)
    (token,) = engine.notifications.intend(given.intents(again))
    assert token is not None
    sent = given.moves([row_id], [token], State.QUEUED, State.SENT)
    engine.notifications.move(replace(sent, provider_ids=["SM-second"]))

    rows = engine.notifications.reported([f"SM{row_id}", "SM-second"])

    assert rows.ids == (row_id, row_id)
    assert rows.reported_attempts == (1, 2)
    assert rows.attempts == (2, 2)


def test_an_outcome_that_comes_after_the_report_still_names_the_providers_id(
    engine: EmbeddedEngine, given: Given
) -> None:
    """The report overtook the answer: the row is DELIVERED, the fence is stale, the id must not be lost."""
    ids, tokens = given.queued(1)
    engine.notifications.move(given.moves(ids, tokens, State.QUEUED, State.DELIVERED))

    late = given.moves(ids, tokens, State.QUEUED, State.SENT)
    assert engine.notifications.move(replace(late, provider_ids=["SM-late"])) == ()

    assert engine.notifications.reported(["SM-late"]).ids == ids
    assert engine.notifications.reported(["SM-late"]).reported_attempts == (1,)


def test_an_outcome_that_comes_after_the_next_intent_belongs_to_the_attempt_before(
    engine: EmbeddedEngine, given: Given
) -> None:
    ids, tokens = given.queued(1)
    engine.notifications.move(
        given.moves(ids, tokens, State.QUEUED, State.CREATED, reason=Reason.RETRY, wake_in_seconds=0)
    )
    engine.notifications.trigger(SENDER, SALE, revision=1, now=given.now, limit=1)
    engine.notifications.intend(given.intents(engine.notifications.to_send(SENDER, given.now, 1)))

    late = given.moves(ids, tokens, State.QUEUED, State.SENT)
    assert engine.notifications.move(replace(late, provider_ids=["SM-first"])) == ()

    assert engine.notifications.reported(["SM-first"]).reported_attempts == (1,)


def test_a_report_sets_a_missing_providers_id_and_never_replaces_one(engine: EmbeddedEngine, given: Given) -> None:
    ids, tokens = given.queued(2)
    sent = given.moves(ids[:1], tokens[:1], State.QUEUED, State.SENT)
    engine.notifications.move(replace(sent, provider_ids=["SM-known"]))
    versions = engine.notifications.reported([(row_id, 1) for row_id in ids]).versions
    delivered = replace(
        given.moves(ids, versions, State.SENT, State.DELIVERED),
        old_states=[State.SENT, State.QUEUED],
        provider_ids=["SM-other", "SM-fresh"],
    )

    assert engine.notifications.move(delivered) == ids

    found = [engine.notifications.get(NotificationId(row_id)) for row_id in ids]
    assert [row.provider_id for row in found if row] == ["SM-known", "SM-fresh"]


# -- questions


def test_totals_add_up(engine: EmbeddedEngine, given: Given) -> None:
    given.sent(2)
    fans = given.fans(3, first=10)
    given.rows(fans[:1], state=State.SUPPRESSED, reason=Reason.QUIET_HOURS)
    given.rows(fans[1:])

    totals = engine.notifications.totals(SALE)

    assert totals.by_state == {"SENT": 2, "SUPPRESSED": 1, "CREATED": 2}
    assert totals.by_reason == {"none": 4, "quiet_hours": 1}
    assert (totals.accepted, totals.late) == (2, 0)
    assert engine.notifications.totals(SaleId("none")).by_state == {}
    assert engine.notifications.unsent(SALE) == {SENDER: 2}


def test_a_fans_rows_come_newest_first(engine: EmbeddedEngine, given: Given) -> None:
    given.sale()
    fans = given.fans(1)
    given.rows(fans)
    given.rows(fans, occasion=INBOUND, kind=MessageKind.HELP)

    rows = engine.notifications.of_fan(fans[0], 10)

    assert [row.kind for row in rows] == [MessageKind.HELP, MessageKind.REMINDER]
    assert engine.notifications.of_fan(fans[0], 1) == rows[:1]
    assert engine.notifications.of_fan(FanRef(404), 10) == ()


def test_an_unknown_row_is_none(engine: EmbeddedEngine) -> None:
    assert engine.notifications.get(NotificationId(1)) is None
    assert engine.notifications.last_sent_at() is None
    assert engine.notifications.lanes(engine.clock.now(), 1) == ()
