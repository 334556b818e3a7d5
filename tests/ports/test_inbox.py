"""What every engine promises about what webhooks leave."""

from dataclasses import replace
from datetime import datetime, timedelta

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.report import InboundText, Report, ReportStatus
from tests.ports.given import Given


def report(number: int, at: datetime, status: ReportStatus = ReportStatus.DELIVERED) -> Report:
    return Report(provider="twilio", provider_id=f"SM{number}", token=None, status=status, code=None, at=at)


def text(number: int, at: datetime) -> InboundText:
    return InboundText(
        provider_id=f"SMin{number}", from_address="+15550100001", to_address="+15550100", body="STOP à tous", at=at,
        provider_replied=False,
    )  # fmt: skip


def test_entries_stay_until_they_are_acknowledged(engine: EmbeddedEngine, given: Given) -> None:
    reports = tuple(report(number, given.now) for number in range(3))
    engine.inbox.leave_reports(reports)

    first_up_to, first = engine.inbox.take_reports(2)
    assert engine.inbox.take_reports(2) == (first_up_to, first)
    engine.inbox.done_reports(first_up_to)
    _, rest = engine.inbox.take_reports(10)

    assert first + rest == reports


def test_reports_and_texts_are_acknowledged_apart(engine: EmbeddedEngine, given: Given) -> None:
    engine.inbox.leave_texts([text(1, given.now)])
    engine.inbox.leave_reports([report(1, given.now)])

    up_to, texts = engine.inbox.take_texts(10)
    reports_up_to, _ = engine.inbox.take_reports(10)
    engine.inbox.done_reports(max(up_to, reports_up_to))

    assert texts == (text(1, given.now),)
    assert engine.inbox.take_texts(10) == (up_to, texts)
    engine.inbox.done_texts(up_to)
    assert engine.inbox.take_texts(10) == (0, ())


def test_a_double_is_stored_once(engine: EmbeddedEngine, given: Given) -> None:
    one = report(1, given.now)
    engine.inbox.leave_reports([one, one])
    engine.inbox.leave_reports([one, replace(one, status=ReportStatus.UNDELIVERED)])
    engine.inbox.leave_texts([text(1, given.now)])
    engine.inbox.leave_texts([text(1, given.now)])

    engine.inbox.leave_reports([replace(one, status=ReportStatus.UNDELIVERED, code=30003)])

    found = [(each.status, each.code) for each in engine.inbox.take_reports(10)[1]]
    assert found == [("delivered", None), ("undelivered", None), ("undelivered", 30003)]
    assert len(engine.inbox.take_texts(10)[1]) == 1


def test_a_text_whose_day_key_is_gone_is_left_out_and_acknowledged(
    engine: EmbeddedEngine, given: Given, clock: SteppedClock
) -> None:
    engine.inbox.leave_texts([text(1, given.now)])
    clock.advance(seconds=31 * 86_400)
    engine.inbox.leave_texts([text(2, given.now)])
    engine.upkeep.expire_keys(given.now)

    up_to, texts = engine.inbox.take_texts(10)

    assert [each.provider_id for each in texts] == ["SMin2"]
    engine.inbox.done_texts(up_to)
    assert engine.inbox.take_texts(10) == (0, ())


def test_parked_reports_come_oldest_first_and_stay_until_unparked(engine: EmbeddedEngine, given: Given) -> None:
    late, early = report(1, given.now), report(2, given.now - timedelta(minutes=1))
    engine.inbox.park([late, early])
    engine.inbox.park([late])

    assert engine.inbox.parked(10) == (early, late)
    assert engine.inbox.parked(1) == (early,)
    engine.inbox.unpark([early])
    engine.inbox.unpark([])
    assert engine.inbox.parked(10) == (late,)


def test_old_parked_reports_can_be_dropped(engine: EmbeddedEngine, given: Given) -> None:
    engine.inbox.park([report(1, given.now - timedelta(hours=2)), report(2, given.now)])

    assert engine.inbox.drop_parked_before(given.now - timedelta(hours=1)) == 1
    assert [each.provider_id for each in engine.inbox.parked(10)] == ["SM2"]
