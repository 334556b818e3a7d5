"""Reports: in any order, doubled, early or late, they leave the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.notification import Notification, Reason, State
from fanfare.model.report import InboundText, Report, ReportStatus
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.ports.report_stream import StreamPage
from fanfare.topology import World, report_ground
from fanfare.workers import track_sms_status
from tests.builders import NOW, a_phone
from tests.ports.given import Given, an_address_hash
from tests.workers.at_work import a_world


def report(status: ReportStatus, *, code: int | None = None, number: int = 1, token: str | None = None) -> Report:
    return Report(provider="twilio", provider_id=f"SM{number}", token=token, status=status, code=code, at=NOW)


DELIVERED = report(ReportStatus.DELIVERED)
LOST = report(ReportStatus.UNDELIVERED, code=30003)
CONGESTED = report(ReportStatus.UNDELIVERED, code=30017)
PROGRESS = report(ReportStatus.PROGRESS)


@pytest.fixture
def given(engine: EmbeddedEngine) -> Given:
    return Given(engine)


def apply(world: World, *reports: Report) -> int:
    return track_sms_status.run(reports, ground=report_ground(world))


def row(world: World, row_id: int) -> Notification:
    found = world.notifications.get(row_id)  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        (DELIVERED, State.DELIVERED, None),
        (LOST, State.FAILED, Reason.UNREACHABLE),
        (CONGESTED, State.CREATED, Reason.RETRY),
        (PROGRESS, State.SENT, None),
    ],
)
def test_a_report_ends_the_row_or_opens_it_again(
    world: World, given: Given, told: Report, state: State, reason: Reason | None
) -> None:
    """FLOW-7."""
    (row_id,) = given.sent(1)

    apply(world, told)

    assert (row(world, row_id).state, row(world, row_id).reason) == (state, reason)


def test_any_order_and_any_repetition_leave_the_same_row() -> None:
    """FLOW-7: all orders of a failed, a delivered, a doubled and a progress report."""
    ends: set[tuple[State, Reason | None]] = set()
    for order in permutations([LOST, DELIVERED, DELIVERED, PROGRESS]):
        engine = EmbeddedEngine.temporary(clock=SteppedClock(NOW), ids=SeededIds(1))
        world = a_world(engine)
        (row_id,) = Given(engine).sent(1)
        for each in order:
            apply(world, each)
        ends.add((row(world, row_id).state, row(world, row_id).reason))
        engine.close()

    assert ends == {(State.DELIVERED, None)}


def test_two_reports_of_one_row_in_a_batch_are_both_heard(world: World, given: Given) -> None:
    (row_id,) = given.sent(1)

    assert apply(world, LOST, DELIVERED, DELIVERED) == 2
    assert row(world, row_id).state is State.DELIVERED


def test_a_report_before_the_answer_finds_its_row_by_our_own_name(world: World, given: Given) -> None:
    """FLOW-7."""
    (row_id,), _ = given.queued(1)
    (token,) = world.vault.callback_tokens([row_id], [1])

    apply(world, report(ReportStatus.DELIVERED, token=token))

    assert row(world, row_id).state is State.DELIVERED


def test_a_report_of_a_row_that_is_not_known_yet_waits_and_is_joined(world: World, given: Given) -> None:
    ground = report_ground(world)
    apply(world, DELIVERED)
    assert len(world.inbox.parked(10)) == 1

    (row_id,) = given.sent(1)
    assert track_sms_status.join_parked(ground=ground) == 1

    assert row(world, row_id).state is State.DELIVERED
    assert world.inbox.parked(10) == ()


def test_a_report_that_never_finds_its_row_is_dropped_after_two_days(world: World, clock: SteppedClock) -> None:
    apply(world, DELIVERED)
    clock.advance_to(NOW + timedelta(hours=49))

    assert track_sms_status.join_parked(ground=report_ground(world)) == 0
    assert world.inbox.parked(10) == ()


def test_a_report_that_says_opted_out_is_written_down(world: World, given: Given) -> None:
    given.sent(1)

    apply(world, report(ReportStatus.UNDELIVERED, code=21610))

    address_hash = an_address_hash(1)
    assert world.opt_outs.of(Channel.SMS, [address_hash]) == {address_hash: {EVERY_BRAND}}


def test_the_webhooks_inbox_is_emptied_after_the_effect(world: World, given: Given) -> None:
    """FLOW-7: by stream or webhook, same result."""
    (row_id,) = given.sent(1)
    world.inbox.leave_reports([DELIVERED])

    assert track_sms_status.empty_inbox(ground=report_ground(world)) == 1
    assert track_sms_status.empty_inbox(ground=report_ground(world)) == 0
    assert row(world, row_id).state is State.DELIVERED


@dataclass
class ScriptedStream:
    """One page, read from wherever it is asked."""

    reports: Sequence[Report]
    texts: Sequence[InboundText] = ()
    malformed: Sequence[tuple[str, str]] = ()
    provider: str = "twilio"
    asked: list[str | None] = field(default_factory=list[str | None])

    def read(self, after: str | None, limit: int, wait_seconds: float) -> StreamPage:
        assert (limit, wait_seconds) == (5000, 0)
        self.asked.append(after)
        if after is not None:
            return StreamPage(reports=(), texts=(), malformed=(), position=after)
        return StreamPage(reports=self.reports, texts=self.texts, malformed=self.malformed, position="7")


def test_a_stream_is_followed_and_its_place_kept(world: World, given: Given, caplog: pytest.LogCaptureFixture) -> None:
    """FLOW-7."""
    (row_id,) = given.sent(1)
    text = InboundText(
        provider_id="SM9", from_address=a_phone(1), to_address=a_phone(2), body="STOP", at=NOW, provider_replied=False
    )
    stream = ScriptedStream([DELIVERED], [text], [("{", "no JSON")])
    ground = report_ground(world)

    assert track_sms_status.follow_stream(stream, ground=ground) == 3
    assert track_sms_status.follow_stream(stream, ground=ground) == 0

    assert stream.asked == [None, "7"]
    assert row(world, row_id).state is State.DELIVERED
    assert world.inbox.take_texts(10)[1] == (text,)
    assert "record_quarantined" in [record.getMessage() for record in caplog.records]


@dataclass
class ScriptedBounces:
    """Returned mail."""

    waiting: list[tuple[str, Report | None]]

    def take(self, limit: int) -> tuple[tuple[str, Report | None], ...]:
        return tuple(self.waiting[:limit])

    def done(self, names: Sequence[str]) -> None:
        self.waiting = [each for each in self.waiting if each[0] not in names]


def test_returned_mail_is_applied_and_forgotten(world: World, given: Given) -> None:
    (row_id,) = given.sent(1)
    bounces = ScriptedBounces([("1", LOST), ("2", None)])

    assert track_sms_status.empty_bounces(bounces, ground=report_ground(world)) == 2

    assert row(world, row_id).state is State.FAILED
    assert bounces.waiting == []


def test_a_report_that_blames_our_number_stops_sending(
    world: World, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.sent(2)

    apply(world, report(ReportStatus.UNDELIVERED, code=30034))

    assert world.switches.paused() == "provider twilio blames us in its reports: codes [30034]"
    assert "sender_stopped" in [record.getMessage() for record in caplog.records]


def test_a_report_that_blames_us_and_changes_nothing_stops_nothing(world: World, given: Given) -> None:
    given.sent(1)
    apply(world, LOST)

    apply(world, report(ReportStatus.UNDELIVERED, code=30034))

    assert world.switches.paused() is None
