import hashlib
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from fanfare.model.ids import NotificationId
from fanfare.model.report import Report, ReportStatus
from fanfare.partners.http import Http, HttpConfig, Lost, NotLeft, Response, Result
from fanfare.partners.sms import SmsConfig, TwilioSms
from fanfare.partners.sms_look_up import read_look_up
from fanfare.ports.channels import Found, LookUp, LookUpFailed, NotFound
from tests.partners.raw_server import answering, serving
from tests.partners.real_clock import NOON, RealClock

SID = "SM00000000000000000000000000000002"
QUEUED_AT = datetime(2026, 5, 8, 0, 1, tzinfo=UTC)
QUERY = LookUp(
    notification_id=NotificationId(7),
    address="+15145550123",
    token="tok-1",
    text_hash=hashlib.sha256("Été".encode()).hexdigest()[:16],
    queued_ms=int(QUEUED_AT.timestamp() * 1000),
)


def message(**fields: object) -> dict[str, object]:
    return {"sid": SID, "body": "Été", "status": "sent", "date_created": format_datetime(QUEUED_AT)} | fields


def listing(*messages: object, **fields: object) -> Response:
    return Response(200, b"", json.dumps({"messages": messages, "uri": "/x", **fields}).encode())


def told(result: Result) -> Found | NotFound | LookUpFailed:
    return read_look_up(result, QUERY, "lab", NOON)


def test_the_provider_is_asked_for_the_address_since_the_day_of_the_attempt() -> None:
    with serving(answering(200, listing(message()).body)) as server:
        config = SmsConfig(provider="lab", base_url=server.url, account_sid="AC1", auth_token="secret")
        sms = TwilioSms(config, http=Http(HttpConfig(), clock=RealClock()), clock=RealClock())

        assert sms.look_up([QUERY, QUERY]) == (Found(provider_id=SID, report=None),) * 2

    target = urlsplit(server.seen[0].target)
    assert target.path == "/2010-04-01/Accounts/AC1/Messages.json"
    # two minutes of skew before 00:01 reach into the day before
    assert parse_qsl(target.query) == [("To", "+15145550123"), ("DateSent>", "2026-05-07"), ("PageSize", "200")]
    assert server.seen[0].headers["authorization"].startswith("Basic ")


def test_nothing_listed_is_not_found() -> None:
    assert told(listing()) == NotFound()


@pytest.mark.parametrize(
    "other",
    [
        message(body="other words"),
        message(body=None),
        message(date_created=format_datetime(QUEUED_AT - timedelta(minutes=10))),
        message(status_callback="https://h.test/hooks?n=tok-2"),
    ],
    ids=["words", "no words", "an earlier attempt", "the token of another"],
)
def test_other_messages_to_the_fan_are_not_ours(other: dict[str, object]) -> None:
    assert told(listing(other)) == NotFound()


def test_our_token_names_the_attempt_whatever_the_words() -> None:
    ours = message(body="rewritten by the provider", status_callback="https://h.test/hooks?n=tok-1")

    assert told(listing(message(sid="SM1", status_callback="https://h.test/?n=tok-0"), ours)) == Found(
        provider_id=SID, report=None
    )


def test_the_newest_of_several_with_the_same_words_is_ours() -> None:
    older = message(sid="SM1", date_created=format_datetime(QUEUED_AT - timedelta(seconds=60)))

    assert told(listing(older, message())) == told(listing(message(), older)) == Found(provider_id=SID, report=None)


@pytest.mark.parametrize(
    ("status", "code", "folded"),
    [
        ("delivered", None, ReportStatus.DELIVERED),
        ("undelivered", 30003, ReportStatus.UNDELIVERED),
        ("failed", 30005, ReportStatus.UNDELIVERED),
    ],
)
def test_a_final_status_is_a_report(status: str, code: int | None, folded: ReportStatus) -> None:
    updated_at = QUEUED_AT + timedelta(minutes=3)
    found = told(listing(message(status=status, error_code=code, date_updated=format_datetime(updated_at))))

    assert found == Found(
        provider_id=SID,
        report=Report(provider="lab", provider_id=SID, token="tok-1", status=folded, code=code, at=updated_at),
    )


@pytest.mark.parametrize("text", [None, "", "yesterday", "Fri, 99 May 2026 99:99:99 +0000"])
def test_a_message_without_a_readable_time_is_still_found(text: str | None) -> None:
    found = told(listing(message(status="delivered", date_created=text, date_updated=text)))

    assert isinstance(found, Found)
    assert found.report
    assert found.report.at == NOON


@pytest.mark.parametrize(
    "result",
    [
        Response(500, b"", b""),
        Response(429, b"", b""),
        Response(200, b"", b"<html>"),
        Response(200, b"", b"{}"),
        Response(200, b"", b'{"messages":[{"body":"no sid"}]}'),
        listing(message(body="other"), next_page_uri="/more"),
        Lost("reset"),
        NotLeft("no connection"),
    ],
    ids=str,
)
def test_an_incomplete_listing_never_says_not_found(result: Result) -> None:
    assert told(result) == LookUpFailed()


def test_a_listing_with_impossible_addresses_codes_and_dates_is_read_all_the_same() -> None:
    ours = message(
        status_callback="http://[", status="failed", error_code=10**30, date_updated="1 Jan 2026 00:00 +9999999999999"
    )

    found = told(listing(message(sid="SM1", body="other words", status_callback="http://["), ours))

    final = Report(provider="lab", provider_id=SID, token="tok-1", status=ReportStatus.UNDELIVERED, code=None, at=NOON)
    assert found == Found(provider_id=SID, report=final)
