import base64
import json
import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from fanfare.model.notification import Reason
from fanfare.partners.http import Http, HttpConfig, Lost, NotLeft, Response, always
from fanfare.partners.sms import SmsConfig, TwilioSms, outcome_of
from fanfare.ports.channels import Accepted, NotSent, Outcome, Refused, SmsBatch, SmsChannel, Unknown
from tests.partners.raw_server import Peer, RawServer, Script, answering, resetting, serving
from tests.partners.real_clock import NOON, RealClock

SID = "SM00000000000000000000000000000002"
PHONE = "+15145550123"
SECRET = "a-secret-token"
CONFIG = SmsConfig(
    provider="lab",
    base_url="",
    account_sid="AC00000000000000000000000000000001",
    auth_token=SECRET,
    callback_base_url="https://hooks.example.test/",
)


@contextmanager
def channel(script: Script, config: SmsConfig = CONFIG) -> Generator[tuple[RawServer, SmsChannel]]:
    with serving(script) as server:
        http = Http(HttpConfig(total_seconds=10), clock=RealClock())
        yield server, TwilioSms(replace(config, base_url=server.url), http=http, clock=RealClock())
        http.close()


def batch(*, count: int = 1, sender: str = "+15005550006", body: str = "Hi", valid_seconds: int = 1800) -> SmsBatch:
    return SmsBatch(
        sender_address=sender,
        addresses=[f"+1514555{1000 + n}" for n in range(count)],
        bodies=[body] * count,
        tokens=[f"tok-{n}" for n in range(count)],
        valid_seconds=[valid_seconds] * count,
        deadline_monotonic=time.monotonic() + 5,
    )


def created(peer: Peer) -> None:
    while request := peer.read():
        to = parse_qs(request.body.decode())["To"][0]
        peer.answer(201, json.dumps({"sid": "SM" + to[1:].zfill(32), "status": "queued"}).encode())


def answered(status: int, body: bytes | dict[str, object], *headers: str) -> Outcome:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return outcome_of(Response(status, "\r\n".join(headers).encode(), raw), NOON)


def test_a_text_is_posted_as_the_provider_documents_it() -> None:
    text = "Été & cœur: 100 % = +1 / https://f.test/a?b=c\nSTOP"
    with channel(created) as (server, sms):
        outcomes = sms.send(batch(body=text), always)

    (seen,) = server.seen
    assert outcomes == (Accepted("SM" + "15145551000".zfill(32)),)
    assert (seen.method, seen.target) == ("POST", f"/2010-04-01/Accounts/{CONFIG.account_sid}/Messages.json")
    assert base64.b64decode(seen.headers["authorization"].split()[1]).decode() == f"{CONFIG.account_sid}:{SECRET}"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(seen.body.decode(), strict_parsing=True) == {
        "To": ["+15145551000"],
        "From": ["+15005550006"],
        "Body": [text],
        "ValidityPeriod": ["1800"],
        "StatusCallback": ["https://hooks.example.test/hooks/sms/lab/status?n=tok-0"],
    }


def test_outcomes_come_in_the_order_of_the_batch() -> None:
    with channel(created) as (server, sms):
        outcomes = sms.send(batch(count=300), always)

    assert outcomes == tuple(Accepted("SM" + f"1514555{1000 + n}".zfill(32)) for n in range(300))
    assert len(server.seen) == 300


def test_a_pool_is_named_as_a_messaging_service() -> None:
    with channel(created) as (server, sms):
        sms.send(batch(sender="MG" + "0" * 32), always)

    form = parse_qs(server.seen[0].body.decode())
    assert form["MessagingServiceSid"] == ["MG" + "0" * 32]
    assert "From" not in form


def test_without_a_public_address_no_callback_is_asked_for() -> None:
    with channel(created, replace(CONFIG, callback_base_url=None)) as (server, sms):
        sms.send(batch(), always)

    assert "StatusCallback" not in parse_qs(server.seen[0].body.decode())


def test_a_token_survives_two_encodings() -> None:
    with channel(created) as (server, sms):
        sms.send(replace(batch(), tokens=["a+b/c=&?#é"]), always)

    callback = parse_qs(server.seen[0].body.decode())["StatusCallback"][0]
    assert parse_qs(urlsplit(callback).query)["n"] == ["a+b/c=&?#é"]


@pytest.mark.parametrize(("asked", "sent"), [(-5, "1"), (0, "1"), (36_000, "36000"), (99_999, "36000")])
def test_the_validity_stays_within_what_the_provider_takes(asked: int, sent: str) -> None:
    with channel(created) as (server, sms):
        sms.send(batch(valid_seconds=asked), always)

    assert parse_qs(server.seen[0].body.decode())["ValidityPeriod"] == [sent]


def test_columns_of_unequal_length_send_nothing() -> None:
    with channel(created) as (server, sms):
        with pytest.raises(ValueError, match="zip"):
            sms.send(replace(batch(count=2), tokens=["one"]), always)
        assert not server.seen


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_named_message_is_accepted(status: int) -> None:
    assert answered(status, {"sid": SID, "error_code": None, "unknown": [1, 2]}) == Accepted(SID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"sid":"SM0000000000',
        b"<html>ok</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"sid":null}',
        b'{"sid":7}',
        b'{"sid":""}',
        b'{"sid":"SM"}',
        b'{"sid":"AC00000000000000000000000000000001"}',
        b'{"sid":"SM0000000000000000\\r\\nX: y"}',
        b'\xff\xfe{"sid"}',
        b'{"code":21211,"status":400}',
        b"[" * 5000,
    ],
)
def test_a_good_status_without_a_named_message_is_unknown(body: bytes) -> None:
    assert isinstance(answered(201, body), Unknown)


@pytest.mark.parametrize("status", [100, 204, 301, 302, 303, 307, 500, 502, 503, 504, 599, 999])
def test_any_other_status_is_unknown(status: int) -> None:
    assert isinstance(answered(status, {"code": 21211}), Unknown)


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (400, {"code": 21211}, Refused(Reason.INVALID_NUMBER, code=21211)),
        (400, {"code": 21614}, Refused(Reason.INVALID_NUMBER, code=21614)),
        (400, {"code": 21610}, Refused(Reason.OPTED_OUT, code=21610, opted_out=True)),
        (400, {"code": 21606}, Refused(Reason.SENDER_PROBLEM, code=21606, alert=True)),
        (401, {"code": 20003}, Refused(Reason.SENDER_PROBLEM, code=20003, alert=True)),
        (404, b"<html>", Refused(Reason.SENDER_PROBLEM, alert=True)),
        (400, {"code": "21211"}, Refused(Reason.REJECTED)),
        (400, {"code": 29999}, Refused(Reason.REJECTED, code=29999)),
        (413, b"", Refused(Reason.REJECTED)),
    ],
)
def test_any_other_4xx_is_refused(status: int, body: bytes | dict[str, object], refused: Refused) -> None:
    assert answered(status, body) == refused


@pytest.mark.parametrize(
    ("status", "code"), [(429, 20429), (429, None), (429, 63038), (400, 14107), (400, 21611), (400, 20429)]
)
def test_too_many_and_the_listed_codes_are_not_sent(status: int, code: int | None) -> None:
    assert answered(status, {"code": code}) == NotSent(code=code)


def test_not_sent_tells_how_long_to_wait() -> None:
    assert answered(429, b"", "HTTP/1.1 429 X", "retry-after: 7") == NotSent(retry_after_seconds=7.0)


def test_what_never_left_is_not_sent_and_what_was_held_does_not_count() -> None:
    assert outcome_of(NotLeft("no connection"), NOON) == NotSent(counts=True)
    assert outcome_of(NotLeft("paused", held=True), NOON) == NotSent(counts=False)
    assert outcome_of(Lost("reset"), NOON) == Unknown("reset")


def test_a_batch_of_mixed_luck_keeps_each_outcome_in_its_place() -> None:
    def moody(peer: Peer) -> None:
        while request := peer.read():
            match int(parse_qs(request.body.decode())["To"][0][-1]):
                case 0:
                    peer.answer(201, json.dumps({"sid": SID}).encode())
                case 1:
                    peer.answer(400, b'{"code":21211}')
                case 2:
                    peer.answer(429, b"", "Retry-After: 3")
                case 3:
                    peer.answer(503)
                case 4:
                    return peer.reset()
                case _:
                    return None
        return None

    with channel(moody) as (server, sms):
        outcomes = sms.send(batch(count=60), always)

    kinds = (Accepted, Refused, NotSent, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown)
    assert [type(outcome) for outcome in outcomes] == [kinds[n % 10] for n in range(60)]
    assert len(server.seen) == 60


def test_nothing_is_sent_while_paused() -> None:
    with channel(created) as (server, sms):
        assert sms.send(batch(count=3), lambda: False) == (NotSent(counts=False),) * 3
        assert not server.seen


def test_logs_and_texts_of_the_channel_hold_no_secret_and_no_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with channel(resetting) as (_, sms):
        outcomes = sms.send(replace(batch(), addresses=[PHONE], bodies=["words"]), always)
        told = f"{outcomes} {sms!r} {CONFIG!r} " + " ".join(str(vars(record)) for record in caplog.records)

    assert "sms_requests_unanswered" in told
    assert not [secret for secret in (SECRET, PHONE[1:], "words", "tok-0") if secret in told]
    assert base64.b64encode(f"{CONFIG.account_sid}:{SECRET}".encode()).decode() not in told


def test_credentials_that_are_refused_stop_the_sender() -> None:
    with channel(answering(401, b'{"code":20003,"status":401}')) as (_, sms):
        assert sms.send(batch(), always) == (Refused(Reason.SENDER_PROBLEM, code=20003, alert=True),)


@pytest.mark.parametrize("code", [10**30, -1])
def test_a_refusal_with_a_code_that_no_column_can_hold_has_no_code(code: int) -> None:
    told = outcome_of(Response(400, b"", b'{"code": %d}' % code), NOON)

    assert isinstance(told, Refused)
    assert told.code is None
