import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.report import Report, ReportStatus
from fanfare.partners.bounces import BYTES_MAX, BounceMaildir
from fanfare.partners.mail_codes import COMPLAINT_CODE, UNSUBSCRIBED_CODE

AT = datetime(2026, 5, 8, 14, tzinfo=UTC)
DSN = """\
Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example.test>
To: {to}
Date: Fri, 08 May 2026 10:00:00 -0400
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

Your mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; fan@example.test
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--b
Content-Type: {kind}

From: Fanfare <news@fanfare.test>
Message-ID: <{message_id}@fanfare.test>
Subject: On sale

--b--
"""
COMPLAINT = """\
To: bounce+tok-1@fanfare.test
Date: Fri, 08 May 2026 14:00:00 +0000
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Example/1.0
Version: 1

--b
Content-Type: message/rfc822

Message-ID: <tok-1@fanfare.test>

Words
--b--
"""
LEAVING = """\
To: bounce+tok-1@fanfare.test
Date: Fri, 08 May 2026 14:00:00 +0000
Subject: unsubscribe

"""


def dsn(
    *,
    to: str = "bounce+TOK-1@fanfare.test",
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = "text/rfc822-headers",
    message_id: str = "tok-1",
) -> str:
    return DSN.format(to=to, action=action, status=status, kind=kind, message_id=message_id)


def put(folder: Path, text: str | bytes, name: str = "1.a", where: str = "new") -> Path:
    (folder / where).mkdir(parents=True, exist_ok=True)
    path = folder / where / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def taken(folder: Path) -> list[Report | None]:
    return [report for _, report in BounceMaildir(folder, provider="smtp").take(100)]


def report(code: int | None = 511, *, status: ReportStatus = ReportStatus.UNDELIVERED) -> Report:
    return Report(provider="smtp", provider_id=None, token="tok-1", status=status, code=code, at=AT)


def test_a_failure_is_a_report_with_its_status_as_code(tmp_path: Path) -> None:
    put(tmp_path, dsn())

    assert taken(tmp_path) == [report()]


@pytest.mark.parametrize(
    ("status", "code"), [("5.2.2", 522), ("5.7.509 (blocked)", 5750), ("4.4.7", 447), ("what?", None)]
)
def test_the_code_is_the_status_whatever_it_is(tmp_path: Path, status: str, code: int | None) -> None:
    put(tmp_path, dsn(status=status))

    assert taken(tmp_path) == [report(code)]


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_what_is_no_failure_changes_nothing(tmp_path: Path, action: str) -> None:
    put(tmp_path, dsn(action=action, status="4.4.1"))

    assert taken(tmp_path) == [report(441, status=ReportStatus.PROGRESS)]


def test_the_returned_message_id_keeps_the_tokens_case(tmp_path: Path) -> None:
    put(tmp_path, dsn(to="bounce+abc_d-e@fanfare.test", message_id="aBc_D-e"))
    put(tmp_path, dsn(to="bounce+abc_d-e@fanfare.test", message_id="aBc_D-e", kind="message/rfc822"), "2.a")

    assert taken(tmp_path) == [replace(report(), token="aBc_D-e")] * 2


@pytest.mark.parametrize(
    "to",
    [
        "bounce+tok-1@fanfare.test",
        "<bounce+tok-1@fanfare.test>",
        "BOUNCE+tok-1@fanfare.test",
        "x@fanfare.test\nDelivered-To: bounce+tok-1@fanfare.test",
        "x@fanfare.test\nX-Original-To: <bounce+tok-1@fanfare.test>",
    ],
)
def test_without_the_returned_headers_the_return_path_tells(tmp_path: Path, to: str) -> None:
    put(tmp_path, dsn(to=to, kind="text/plain"))

    assert taken(tmp_path) == [report()]


def test_a_complaint_has_a_code_of_ours(tmp_path: Path) -> None:
    put(tmp_path, COMPLAINT.format(kind="abuse"))

    assert taken(tmp_path) == [report(COMPLAINT_CODE)]


def test_not_spam_is_no_complaint(tmp_path: Path) -> None:
    put(tmp_path, COMPLAINT.format(kind="not-spam"))

    assert taken(tmp_path) == [report(None, status=ReportStatus.PROGRESS)]


def test_a_fan_who_writes_to_leave_leaves(tmp_path: Path) -> None:
    put(tmp_path, LEAVING)

    assert taken(tmp_path) == [report(UNSUBSCRIBED_CODE)]


UNREADABLE = {
    "nothing": b"",
    "an answer out of office": LEAVING.replace("unsubscribe", "Out of office").encode(),
    "about nobody": dsn(to="x@y.test", kind="text/plain").encode(),
    "no status at all": dsn().replace("Action: failed\n", "").replace("Status: 5.1.1\n", "").encode(),
    "noise": bytes(range(256)) * 4,
    "too large": dsn().encode() + b"x" * BYTES_MAX,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_says_nothing_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    put(tmp_path, dsn(), "2.b")

    source = BounceMaildir(tmp_path, provider="smtp")
    assert source.take(100) == (("new/1.a", None), ("new/2.b", report()))
    source.done(["new/1.a", "new/2.b"])

    assert not path.exists()
    assert (tmp_path / ".rejected" / "cur" / "1.a").read_bytes() == content
    assert source.take(100) == ()


def test_a_bounce_stays_until_it_is_done_and_is_read_from_both_folders(tmp_path: Path) -> None:
    put(tmp_path, dsn(), "2.b", "cur")
    put(tmp_path, dsn(), "1.a", "new")
    source = BounceMaildir(tmp_path, provider="smtp")

    names = [name for name, _ in source.take(100)]
    assert names == ["new/1.a", "cur/2.b"]
    assert [name for name, _ in source.take(1)] == ["new/1.a"]

    source.done(names)
    source.done(names)
    assert source.take(100) == ()


def test_done_forgets_nothing_outside_the_maildir(tmp_path: Path) -> None:
    secret = put(tmp_path, "keep", "secret", "tmp")
    put(tmp_path, dsn())

    BounceMaildir(tmp_path, provider="smtp").done(["new/../tmp/secret", "tmp/secret", "../secret", "secret", ""])

    assert secret.exists()


def test_a_maildir_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert taken(tmp_path / "absent") == []


def test_a_bounce_without_a_date_has_the_time_of_its_arrival(tmp_path: Path) -> None:
    path = put(tmp_path, dsn().replace("Date: Fri, 08 May 2026 10:00:00 -0400\n", "Date: soon\n"))

    (read,) = taken(tmp_path)
    assert read
    assert read.at == datetime.fromtimestamp(path.stat().st_mtime, UTC)


@given(
    st.binary(max_size=300)
    | st.tuples(st.integers(0, len(dsn())), st.binary(max_size=20)).map(
        lambda cut: dsn().encode()[: cut[0]] + cut[1] + dsn().encode()[cut[0] :]
    )
)
def test_no_message_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("maildir")
    put(folder, content)

    assert len(taken(folder)) == 1
    shutil.rmtree(folder)


@pytest.mark.parametrize("charset", ["bogus", "zlib", "idna", "\udcff", "unknown-8bit"])
def test_a_strange_charset_in_the_returned_mail_held_up_every_mail_behind_it_and_is_read(
    tmp_path: Path, charset: str
) -> None:
    returned = dsn(kind=f"message/rfc822\n\nContent-Type: text/plain; charset={charset}")
    put(tmp_path, returned.encode(errors="surrogateescape"))
    put(tmp_path, LEAVING, "2.a")

    assert taken(tmp_path) == [report(), report(UNSUBSCRIBED_CODE)]


@pytest.mark.parametrize("date", ["Mon, 01 Jan 2026 00:00:00 +9999999999999", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_an_impossible_date_held_up_every_mail_behind_it_and_is_passed_over(tmp_path: Path, date: str) -> None:
    put(tmp_path, LEAVING.replace("Fri, 08 May 2026 14:00:00 +0000", date))
    put(tmp_path, LEAVING, "2.a")

    first, second = taken(tmp_path)

    assert first
    assert second == report(UNSUBSCRIBED_CODE)


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000)),
        LEAVING.replace("Date", "Content-Type: text/plain; charset=a\x00b\nDate").encode() + b"x" * 10,
    ],
    ids=["nested", "parts within parts", "nul in a charset"],
)
def test_a_mail_made_to_break_its_reader_stops_nobody(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, content)
    put(tmp_path, LEAVING, "2.a")

    assert taken(tmp_path)[-1] == report(UNSUBSCRIBED_CODE)
