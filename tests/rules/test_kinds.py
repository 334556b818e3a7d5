"""Every kind of message is bound, and by what."""

from datetime import UTC, datetime, timedelta

import pytest

from fanfare.model.notification import MessageKind
from fanfare.rules import kinds

MADE = datetime(2026, 5, 8, 12, tzinfo=UTC)
OPENS = datetime(2026, 5, 8, 14, tzinfo=UTC)


def test_every_kind_of_message_is_bound() -> None:
    assert set(kinds.BINDINGS) == set(MessageKind)


def test_only_replies_to_the_fan_pass_an_opt_out_or_the_night() -> None:
    for binding in kinds.BINDINGS.values():
        assert binding.is_reply or (binding.opt_out_binds and binding.quiet_hours_bind)


def test_an_opt_out_is_confirmed_although_it_binds_everything_else() -> None:
    assert not kinds.BINDINGS[MessageKind.OPT_OUT_CONFIRMED].opt_out_binds


@pytest.mark.parametrize(
    ("kind", "opens_at", "cut_off_at"),
    [
        (MessageKind.REMINDER, OPENS, OPENS),
        (MessageKind.REMINDER, None, MADE),
        (MessageKind.SALE_CHANGED, OPENS, OPENS),
        (MessageKind.SALE_CHANGED, None, MADE + timedelta(days=1)),
        (MessageKind.OPT_IN_CONFIRMED, None, MADE + timedelta(days=1)),
        (MessageKind.OPT_IN_CONFIRMED, OPENS, MADE + timedelta(days=1)),
        (MessageKind.OPT_OUT_CONFIRMED, None, MADE + timedelta(minutes=5)),
        (MessageKind.START_CONFIRMED, None, MADE + timedelta(hours=1)),
        (MessageKind.HELP, None, MADE + timedelta(hours=1)),
    ],
)
def test_a_message_is_cut_off_by_its_opening_or_its_age(
    kind: MessageKind, opens_at: datetime | None, cut_off_at: datetime
) -> None:
    assert kinds.cut_off_at(kind, made_at=MADE, opens_at=opens_at) == cut_off_at
