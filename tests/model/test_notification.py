"""States, and the edges between them."""

from dataclasses import fields, replace

import pytest

from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef, NotificationId
from fanfare.model.notification import (
    EDGES,
    ENDS,
    MessageKind,
    Notification,
    Occasion,
    OccasionKind,
    Reason,
    State,
)
from tests.builders import NOW, PUBLIC

ROW = Notification(
    notification_id=NotificationId(1),
    occasion=Occasion(kind=OccasionKind.SALE, name=PUBLIC),
    fan_ref=FanRef(1),
    channel=Channel.SMS,
    kind=MessageKind.REMINDER,
    brand="ticketmaster",
    sender=None,
    state=State.CREATED,
    reason=None,
    attempts=0,
    late=False,
    send_at=None,
    wake_at=None,
    cut_off_at=None,
    sale_revision=None,
    text_hash=None,
    provider_id=None,
    provider_code=None,
    created_at=NOW,
    triggered_at=None,
    queued_at=None,
    sent_at=None,
    ended_at=None,
    resent=False,
    version=1,
)


def reachable(start: State) -> set[State]:
    found: set[State] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {after for state in ahead for after in EDGES[state]} - found
    return found


def test_every_state_has_its_edges_and_is_reached_from_the_first() -> None:
    assert EDGES.keys() == set(State)
    assert reachable(State.CREATED) == set(State)


def test_only_a_call_with_an_intent_is_made() -> None:
    assert [state for state, after in EDGES.items() if State.QUEUED in after] == [State.TRIGGERED, State.QUEUED]
    assert State.SENT not in EDGES[State.CREATED] | EDGES[State.TRIGGERED]


def test_delivered_suppressed_and_expired_are_final() -> None:
    assert not EDGES[State.DELIVERED] | EDGES[State.SUPPRESSED] | EDGES[State.EXPIRED]


@pytest.mark.parametrize("state", sorted(ENDS - {State.DELIVERED, State.SUPPRESSED, State.EXPIRED}))
def test_another_end_is_left_by_few_edges(state: State) -> None:
    assert EDGES[state] <= {State.DELIVERED, State.SENT, State.FAILED, State.CREATED}


@pytest.mark.parametrize("state", sorted(State))
def test_a_row_is_ended_in_its_end_states(state: State) -> None:
    assert replace(ROW, state=state).is_ended is (state in ENDS)


def test_sent_without_a_report_rests() -> None:
    assert replace(ROW, state=State.SENT, reason=Reason.NO_REPORT).is_ended
    assert not replace(ROW, state=State.QUEUED, reason=Reason.UNKNOWN_OUTCOME).is_ended


def test_an_occasion_is_written_with_its_kind() -> None:
    assert str(ROW.occasion) == "sale:E1:public"


def test_a_row_tells_every_instant_with_its_name() -> None:
    assert {field.name for field in fields(Notification) if field.name.endswith("_at")} == {
        *("send_at", "wake_at", "cut_off_at", "created_at", "triggered_at", "queued_at", "sent_at", "ended_at")
    }
