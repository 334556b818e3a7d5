"""One reason for every fan and sale."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Channel, Language
from fanfare.model.ids import FanRef, NotificationId, SaleId
from fanfare.model.notification import MessageKind, Notification, Occasion, OccasionKind, Reason, State
from fanfare.model.sale import SaleStatus, SuppressionReason, UnscheduledReason
from fanfare.rules import why
from fanfare.rules.why import Facts
from fanfare.rules.why_words import Cause
from tests.ports.given import BRAND, a_demand, a_sale

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SALE = a_sale(NOW)
DEMAND = a_demand(1, NOW - HOUR)


def a_row(state: State, reason: Reason | None = None, **changes: Any) -> Notification:  # noqa: ANN401
    row = Notification(
        notification_id=NotificationId(1),
        occasion=Occasion(kind=OccasionKind.SALE, name=SALE.sale_id),
        fan_ref=FanRef(1),
        channel=Channel.SMS,
        kind=MessageKind.REMINDER,
        brand=BRAND,
        sender=None,
        state=state,
        reason=reason,
        attempts=1,
        late=False,
        send_at=NOW,
        wake_at=NOW + HOUR,
        cut_off_at=None,
        sale_revision=1,
        text_hash=None,
        provider_id=None,
        provider_code=None,
        created_at=NOW,
        triggered_at=None,
        queued_at=None,
        sent_at=NOW,
        ended_at=NOW,
        resent=False,
        version=1,
    )
    return replace(row, **changes)


def facts(**changes: Any) -> Facts:  # noqa: ANN401
    known = Facts(now=NOW, sale=SALE, is_fan_known=True, demands=(DEMAND,), rows=(), preferences={}, paused=None)
    return replace(known, **changes)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"sale": None}, Cause.SALE_UNKNOWN),
        ({"is_fan_known": False, "demands": ()}, Cause.FAN_UNKNOWN),
        ({"demands": ()}, Cause.NO_DEMAND),
        ({"demands": (replace(DEMAND, active=False),)}, Cause.DEMAND_WITHDRAWN),
        ({"demands": (replace(DEMAND, sale_id=SaleId("E1:vip")),)}, Cause.OTHER_SALE_DEMANDED),
        ({"preferences": {BRAND: frozenset({Channel.EMAIL})}}, Cause.CHANNEL_NOT_ACCEPTED),
        ({"preferences": {"livenation": frozenset[Channel]()}}, Cause.NOT_YET_GENERATED),
        ({"sale": replace(SALE, status=SaleStatus.CANCELLED)}, Cause.SALE_CANCELLED),
        (
            {
                "sale": replace(
                    SALE, status=SaleStatus.UNSCHEDULED, starts_at=None, unscheduled=UnscheduledReason.START_TBD
                )
            },
            Cause.SALE_UNSCHEDULED,
        ),
        ({"sale": replace(SALE, suppressed=SuppressionReason.KEYWORD)}, Cause.SALE_SUPPRESSED),
        ({}, Cause.NOT_YET_GENERATED),
        ({"sale": replace(SALE, frozen_at=NOW)}, Cause.BEING_GENERATED),
        ({"now": NOW + 3 * HOUR}, Cause.MISSED),
        (
            {"now": NOW + 3 * HOUR, "demands": (replace(DEMAND, recorded_at=NOW + 2 * HOUR),)},
            Cause.OPTED_IN_AFTER_OPENING,
        ),
    ],
)
def test_a_fan_without_a_row_has_one_reason(changes: dict[str, Any], cause: Cause) -> None:
    answer = why.decide(facts(**changes))

    assert (answer.cause, answer.reason) == (cause, None)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (a_row(State.CREATED), Cause.WAITING),
        (a_row(State.TRIGGERED), Cause.RELEASED),
        (a_row(State.QUEUED), Cause.BEING_SENT),
        (a_row(State.SENT), Cause.SENT),
        (a_row(State.SENT, Reason.NO_REPORT), Cause.SENT_WITHOUT_REPORT),
        (a_row(State.DELIVERED), Cause.DELIVERED),
        (a_row(State.FAILED, Reason.BLOCKED), Cause.FAILED),
        (a_row(State.SUPPRESSED, Reason.OPTED_OUT), Cause.SUPPRESSED),
        (a_row(State.EXPIRED, Reason.SALE_OPENED), Cause.EXPIRED),
        (a_row(State.CANCELLED, Reason.WITHDRAWN), Cause.CANCELLED),
        (a_row(State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME), Cause.UNCONFIRMED),
    ],
)
def test_a_row_says_why_whatever_became_of_the_demand(row: Notification, cause: Cause) -> None:
    answer = why.decide(facts(rows=(row,), demands=()))

    assert (answer.cause, answer.reason) == (cause, row.reason)


def test_a_row_that_waits_while_sending_is_paused_says_so() -> None:
    answer = why.decide(facts(rows=(a_row(State.CREATED),), paused="restored from a backup"))

    assert answer.cause is Cause.PAUSED
    assert "restored from a backup" in answer.operator


def test_the_fan_is_told_the_rows_own_reason() -> None:
    answer = why.decide(facts(rows=(a_row(State.SUPPRESSED, Reason.SHARED_ADDRESS),)))

    assert "share" in answer.fan[Language.ENGLISH]
    assert "partagez" in answer.fan[Language.FRENCH]


def test_the_operator_is_told_attempts_and_the_providers_code() -> None:
    failed = a_row(State.FAILED, Reason.FILTERED, attempts=3, provider_code=30007)

    assert why.decide(facts(rows=(failed,))).operator == (
        "Failed at 2026-05-08T12:00:00Z after 3 attempt(s) (provider's code 30007): "
        "a carrier's filter took it for spam."
    )


def test_of_several_rows_the_delivered_reminder_stands_for_all() -> None:
    rows = (
        a_row(State.DELIVERED, kind=MessageKind.SALE_CHANGED),
        a_row(State.SUPPRESSED, Reason.QUIET_HOURS),
        a_row(State.DELIVERED, channel=Channel.EMAIL),
    )

    assert why.chief(rows) is rows[2]


@given(
    rows=st.lists(st.tuples(st.sampled_from(State), st.none() | st.sampled_from(Reason)), max_size=4),
    is_active=st.booleans(),
    is_fan_known=st.booleans(),
    status=st.sampled_from(SaleStatus),
    suppressed=st.none() | st.sampled_from(SuppressionReason),
    hours=st.integers(-48, 48),
    paused=st.none() | st.just("a {strange} reason"),
)
def test_every_combination_has_a_whole_answer(
    rows: list[tuple[State, Reason | None]],
    status: SaleStatus,
    suppressed: SuppressionReason | None,
    hours: int,
    paused: str | None,
    *,
    is_active: bool,
    is_fan_known: bool,
) -> None:
    known = facts(
        now=NOW + hours * HOUR,
        sale=replace(SALE, status=status, suppressed=suppressed),
        demands=(replace(DEMAND, active=is_active),),
        rows=tuple(a_row(state, reason, sent_at=None) for state, reason in rows),
        is_fan_known=is_fan_known,
        paused=paused,
    )

    answer = why.decide(known)

    assert answer.operator
    assert all(answer.fan[language] for language in Language)
