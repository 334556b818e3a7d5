import json
import logging
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.report import InboundText, Report, ReportStatus
from fanfare.partners.http import Http, HttpConfig
from fanfare.partners.sms_stream import SmsStream, SmsStreamConfig, read_lines
from fanfare.ports.faults import Permanent, Transient
from fanfare.ports.report_stream import ReportStream, StreamPage
from tests.partners.raw_server import Peer, Script, answering, resetting, serving
from tests.partners.real_clock import NOON, RealClock

SID = "SM00000000000000000000000000000002"
AT = datetime(2026, 5, 8, 14, 0, 0, 123000, tzinfo=UTC)


def line(seq: int, status: str = "delivered", **data: object) -> bytes:
    fields: dict[str, object] = {"messageSid": SID, "timestamp": AT.isoformat(), "to": "+15145550123"} | data
    kind = f"com.twilio.messaging.message.{status}"
    return json.dumps({"specversion": "1.0", "type": kind, "id": "EZ1", "data": fields, "seq": seq}).encode()


def text_line(seq: int, **data: object) -> bytes:
    fields: dict[str, object] = {
        "messageSid": SID,
        "from": "+15145550123",
        "to": "+15005550006",
        "body": "ARRÊT",
        "timestamp": AT.isoformat(),
    }
    kind = "com.twilio.messaging.inbound-message.received"
    return json.dumps({"type": kind, "seq": seq, "data": fields | data}).encode()


def page(*lines: bytes, after: str | None = None) -> StreamPage:
    return read_lines(b"\n".join(lines), after=after, provider="lab", now=NOON)


def report(status: ReportStatus, *, code: int | None = None, token: str | None = None) -> Report:
    return Report(provider="lab", provider_id=SID, token=token, status=status, code=code, at=AT)


def test_reports_that_change_a_row_are_read() -> None:
    read = page(line(1), line(2, "undelivered", errorCode=30003), line(3, "failed", errorCode="30005"))

    assert list(read.reports) == [
        report(ReportStatus.DELIVERED),
        report(ReportStatus.UNDELIVERED, code=30003),
        report(ReportStatus.UNDELIVERED, code=30005),
    ]
    assert read.position == "3"
    assert not read.malformed


@pytest.mark.parametrize("status", ["queued", "sent", "sending", "accepted", "next-years-word"])
def test_progress_is_dropped_and_moves_the_position(status: str) -> None:
    assert page(line(9, status)) == StreamPage(reports=[], texts=[], malformed=[], position="9")


def test_progress_is_dropped_before_its_data_is_read() -> None:
    assert not page(b'{"type":"com.twilio.messaging.message.sent","seq":1,"data":[1,2]}').malformed


def test_a_text_from_a_fan_is_read() -> None:
    read = page(text_line(4), text_line(5, body="STOP", optOutType="STOP"))

    assert list(read.texts) == [
        InboundText(
            provider_id=SID,
            from_address="+15145550123",
            to_address="+15005550006",
            body=body,
            at=AT,
            provider_replied=replied,
        )
        for body, replied in (("ARRÊT", False), ("STOP", True))
    ]


@pytest.mark.parametrize(
    ("callback", "token"),
    [
        ("https://h.test/hooks/sms/lab/status?n=tok-1_a.b", "tok-1_a.b"),
        ("https://h.test/hooks?n=a%2Bb", "a+b"),
        ("https://h.test/hooks?x=1&n=tok", "tok"),
        ("https://h.test/hooks?n=tok&x=1", "tok"),
        ("https://h.test/hooks", None),
        ("", None),
        (None, None),
    ],
)
def test_our_token_comes_out_of_the_callback_address(callback: str | None, token: str | None) -> None:
    assert list(page(line(1, statusCallback=callback)).reports) == [report(ReportStatus.DELIVERED, token=token)]


def test_instants_of_other_zones_become_utc_and_missing_ones_now() -> None:
    eastern = AT.astimezone(timezone(timedelta(hours=-4))).isoformat()
    read = page(line(1, timestamp=eastern), line(2, timestamp=None))

    assert [each.at for each in read.reports] == [AT, NOON]
    assert read.reports[0].at.tzinfo is UTC


def test_other_kinds_of_events_are_passed_over() -> None:
    assert page(b'{"type":"com.twilio.voice.call","seq":3,"data":7}').position == "3"


MALFORMED = (
    b"not json",
    b'{"seq":5}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":5}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":5,"data":{"messageSid":7}}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":5,"data":{"messageSid":"S","timestamp":"yesterday"}}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":5,"data":{"messageSid":"S","timestamp":"2026-05-08T14:00"}}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":-5,"data":{"messageSid":"S"}}',
    b'{"type":"com.twilio.messaging.inbound-message.received","seq":5,"data":{"messageSid":"S"}}',
    b'{"type":"com.twilio.messaging.message.delivered","seq":5,"data":{"messageSid":"\xff\xfe"}}',
    b"[" * 3000,
    b"\x00",
)


@pytest.mark.parametrize("bad", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_line_is_kept_with_its_reason_and_stops_nobody(bad: bytes) -> None:
    read = page(line(4), bad, line(6))

    assert len(read.reports) == 2
    ((kept, reason),) = read.malformed
    assert kept == bad.decode("utf-8", "replace")
    assert reason
    assert read.position == "6"


def test_a_page_of_nothing_but_malformed_lines_does_not_hold_the_stream_up() -> None:
    assert page(b'{"seq":12,"type":7}', after="11").position == "12"
    assert page(b"garbage", after="11").position == "12"


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_raise_and_the_position_never_goes_back(lines: list[bytes]) -> None:
    assert int(page(*lines, after="100").position) >= 100


def test_a_repeated_page_does_not_move_the_position_back() -> None:
    assert page(line(3), line(4), after="9").position == "9"


def test_an_empty_page_stays_where_it_is() -> None:
    assert page().position == "0"
    assert page(after="17").position == "17"


def stream_of(url: str) -> ReportStream:
    config = SmsStreamConfig(provider="lab", base_url=url, headers=("Authorization: Basic c2VjcmV0",))
    return SmsStream(config, http=Http(HttpConfig(total_seconds=10), clock=RealClock()), clock=RealClock())


def test_the_stream_is_read_from_a_position_and_waited_for_within_the_limits() -> None:
    with serving(answering(200, line(8) + b"\n" + line(9, "sent") + b"\n")) as server:
        read = stream_of(server.url).read("7", 500, 60.0)

    assert server.seen[0].target == "/stream?after=7&wait=8&limit=500"
    assert server.seen[0].headers["authorization"] == "Basic c2VjcmV0"
    assert len(read.reports) == 1
    assert read.position == "9"


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    def as_asked(peer: Peer) -> None:
        while request := peer.read():
            count = int(request.target.rpartition("=")[2])
            peer.answer(200, b"\n".join(line(n + 1) for n in range(count)))

    config = HttpConfig(total_seconds=10, body_bytes_max=10 * len(line(1)))
    with serving(as_asked) as server:
        stream = SmsStream(
            SmsStreamConfig(provider="lab", base_url=server.url),
            http=Http(config, clock=RealClock()),
            clock=RealClock(),
        )
        read = stream.read(None, 100, 5)

    assert len(read.reports) == 6
    assert [seen.target.partition("&")[2] for seen in server.seen] == [
        "wait=5&limit=100",
        "wait=0&limit=25",
        "wait=0&limit=6",
    ]


def test_a_line_that_is_too_large_by_itself_is_a_fault() -> None:
    config = HttpConfig(total_seconds=10, body_bytes_max=10)
    with serving(answering(200, line(1))) as server:
        stream = SmsStream(
            SmsStreamConfig(provider="lab", base_url=server.url),
            http=Http(config, clock=RealClock()),
            clock=RealClock(),
        )
        with pytest.raises(Transient, match="too large"):
            stream.read(None, 3, 0)


def test_a_first_read_begins_at_the_beginning() -> None:
    with serving(answering(204)) as server:
        assert stream_of(server.url).read(None, 10, 0).position == "0"
        assert server.seen[0].target == "/stream?after=0&wait=0&limit=10"


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (answering(500), Transient),
        (answering(429), Transient),
        (answering(404), Transient),
        (answering(401), Permanent),
        (answering(403), Permanent),
        (resetting, Transient),
    ],
    ids=["500", "429", "404", "401", "403", "reset"],
)
def test_a_stream_out_of_reach_is_a_fault_without_secrets(
    script: Script, fault: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(script) as server, pytest.raises(fault) as raised:
        stream_of(server.url).read(None, 10, 0)

    assert "c2VjcmV0" not in f"{raised.value!r} {stream_of('')!r} {caplog.text}"


@pytest.mark.parametrize(
    "poison",
    [
        {"statusCallback": "http://["},
        {"timestamp": "0001-01-01T00:00:00+14:00"},
        {"timestamp": "9999-12-31T23:59:59-14:00"},
    ],
    ids=["callback-that-is-no-address", "instant-before-time", "instant-after-time"],
)
def test_a_line_with_an_impossible_address_or_instant_does_not_hold_the_stream(poison: dict[str, str]) -> None:
    read = page(line(1, "delivered", **poison), line(2))

    assert list(read.reports) == [report(ReportStatus.DELIVERED)]
    assert len(read.malformed) == 1
    assert read.position == "2"


@pytest.mark.parametrize("code", [10**30, -1, "9" * 5000, "9" * 30])
def test_a_code_that_no_column_can_hold_is_no_code(code: int | str) -> None:
    read = page(line(1, "failed", errorCode=code))

    assert list(read.reports) == [report(ReportStatus.UNDELIVERED)]
