"""The partners against the practice stage: real servers with faults, whose own ledger is the judge."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanfare.lab.background import LabAddress, running
from fanfare.lab.config import ClockKind, LabConfig
from fanfare.model.ids import EventId, FanId, NotificationId
from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage
from fanfare.model.notification import Reason
from fanfare.model.report import ReportStatus
from fanfare.partners.accounts import AccountsConfig, OAuthAccounts
from fanfare.partners.bitly import Bitly, BitlyConfig
from fanfare.partners.bounces import BounceMaildir
from fanfare.partners.discovery import Discovery, DiscoveryConfig
from fanfare.partners.email import EmailConfig, SmtpEmail
from fanfare.partners.http import Http, HttpConfig, Response, always
from fanfare.partners.http import Request as HttpRequest
from fanfare.partners.sms import SmsConfig, TwilioSms
from fanfare.partners.sms_stream import SmsStream, SmsStreamConfig
from fanfare.ports.channels import Accepted, EmailBatch, Found, LookUp, NotFound, NotSent, Refused, SmsBatch, Unknown
from tests.lab.calls import ACCOUNT, Caller
from tests.partners.real_clock import NOON, RealClock

TEXT = "Les Étoiles: on sale Fri, May 8"
CLOCK = RealClock()

Start = Callable[..., LabAddress]


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Start labs at noon on a clock that stands still."""
    with ExitStack() as labs:

        def begin(**options: object) -> LabAddress:
            config = LabConfig(ledger=tmp_path / "ledger.ndjson", clock=ClockKind.STEPPED, start_at=NOON)
            return labs.enter_context(running(replace(config, **options)))

        yield begin


def http(*, total_seconds: float = 10.0) -> Http:
    return Http(HttpConfig(concurrency=100, total_seconds=total_seconds), clock=CLOCK)


def sms(lab: LabAddress, *, total_seconds: float = 10.0) -> TwilioSms:
    config = SmsConfig(
        provider="lab",
        base_url=lab.base_url,
        account_sid=ACCOUNT,
        auth_token="lab-token",
        callback_base_url="https://hooks.example.test",
    )
    return TwilioSms(config, http=http(total_seconds=total_seconds), clock=CLOCK)


def texts(numbers: list[str]) -> SmsBatch:
    return SmsBatch(
        sender_address="+15005550006",
        addresses=numbers,
        bodies=[TEXT] * len(numbers),
        tokens=[f"tok-{number[1:]}" for number in numbers],
        valid_seconds=[1800] * len(numbers),
        deadline_monotonic=time.monotonic() + 5,
    )


def numbers(count: int) -> list[str]:
    return [f"+1416{2000000 + n}" for n in range(count)]


def look_up(number: str, *, queued_at_offset: float = 0) -> LookUp:
    return LookUp(
        notification_id=NotificationId(1),
        address=number,
        token=f"tok-{number[1:]}",
        text_hash=hashlib.sha256(TEXT.encode()).hexdigest()[:16],
        queued_ms=int((NOON.timestamp() + queued_at_offset) * 1000),
    )


def accepted_hashes(lab: LabAddress) -> Counter[str]:
    lines = Caller(lab.base_url).get("/ledger/entries?after=0&limit=100000").lines
    return Counter(str(line["to_hash"]) for line in lines if line["kind"] == "accepted")


def address_hash(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def step(lab: LabAddress, **delta: float) -> None:
    now = (NOON + timedelta(**delta)).isoformat().replace("+00:00", "Z")
    assert Caller(lab.base_url).put("/clock", {"now": now}).status == 200


CHAOS = (
    "reset_before=0.06,close_after_read=0.06,error_500=0.06,error_503=0.06,too_many=0.06,reset_after=0.06,"
    "accept_then_close=0.06,error_500_after=0.06,malformed_2xx=0.06,timeout_after=0.01,timeout_before=0.01,"
    "bad_number=0.05,opted_out=0.05"
)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_outcome_agrees_with_the_providers_own_ledger(start: Start, seed: int) -> None:
    lab = start(faults=CHAOS, seed=seed)
    fans = numbers(800)

    outcomes = sms(lab, total_seconds=1.0).send(texts(fans), always)

    taken = accepted_hashes(lab)
    seen = Counter(type(outcome) for outcome in outcomes)
    assert set(seen) == {Accepted, Refused, NotSent, Unknown}
    for fan, outcome in zip(fans, outcomes, strict=True):
        times = taken[address_hash(fan)]
        match outcome:
            case Accepted():
                assert times == 1
            case Refused() | NotSent():
                assert times == 0
            case Unknown():
                assert times <= 1
    assert Caller(lab.base_url).get("/ledger").json["duplicates"] == 0


def test_a_look_up_settles_each_unknown_as_the_ledger_does(start: Start) -> None:
    lab = start(faults="reset_after=0.2,close_after_read=0.2,error_500=0.1,error_500_after=0.1")
    fans = numbers(200)
    channel = sms(lab)
    outcomes = channel.send(texts(fans), always)
    unknown = [fan for fan, outcome in zip(fans, outcomes, strict=True) if isinstance(outcome, Unknown)]

    step(lab, minutes=2)  # sent by now: the listing filters by the day of sending
    answers = channel.look_up([look_up(fan) for fan in unknown])

    taken = accepted_hashes(lab)
    assert {type(answer) for answer in answers} == {Found, NotFound}
    assert [isinstance(answer, Found) for answer in answers] == [taken[address_hash(fan)] == 1 for fan in unknown]
    assert all(answer.report for answer in answers if isinstance(answer, Found))


def test_refusals_carry_what_the_provider_said(start: Start) -> None:
    lab = start(faults="opted_out=1")

    assert sms(lab).send(texts(numbers(1)), always) == (Refused(Reason.OPTED_OUT, code=21610, opted_out=True),)


def test_reports_come_back_by_the_stream_with_our_token(start: Start) -> None:
    lab = start(faults="unknown_handset=0.3,report_doubled=0.2,report_reordered=0.2")
    fans = numbers(100)
    outcomes = sms(lab).send(texts(fans), always)
    assert Counter(type(outcome) for outcome in outcomes) == {Accepted: 100}
    step(lab, minutes=30)

    stream = SmsStream(SmsStreamConfig(provider="lab", base_url=lab.base_url), http=http(), clock=CLOCK)
    statuses: dict[str | None, set[ReportStatus]] = {}
    position: str | None = None
    while (page := stream.read(position, 64, 0)).position != (position or "0"):
        position = page.position
        assert not page.malformed
        for report in page.reports:
            statuses.setdefault(report.token, set()).add(report.status)

    assert statuses.keys() == {f"tok-{fan[1:]}" for fan in fans}
    assert {ReportStatus.UNDELIVERED} in statuses.values()
    assert all(len(each) == 1 for each in statuses.values())


def test_a_fans_text_comes_by_the_stream(start: Start) -> None:
    lab = start()
    body = json.dumps({"from": "+14162000001", "to": "+15005550006", "body": "ARRÊT"})
    assert Caller(lab.base_url).call("POST", "/inbound", body).status < 300

    stream = SmsStream(SmsStreamConfig(provider="lab", base_url=lab.base_url), http=http(), clock=CLOCK)
    (text,) = stream.read(None, 10, 1).texts

    assert (text.from_address, text.body, text.at) == ("+14162000001", "ARRÊT", NOON)


def test_mail_is_taken_turned_away_and_returned(start: Start, tmp_path: Path) -> None:
    maildir = tmp_path / "bounces"
    lab = start(faults="mail_reject=0.1,mail_defer=0.1,mail_drop=0.1,mail_bounce=0.3", bounce_maildir=maildir)
    words = EmailMessage(
        subject="Ça ouvre", text=f"Bye {UNSUBSCRIBE_MARK}", html=f"<p>{UNSUBSCRIBE_MARK}", text_hash=""
    )
    config = EmailConfig(provider="smtp", host="127.0.0.1", port=lab.smtp_port, security="none", connections=2)
    channel = SmtpEmail(config, clock=CLOCK)
    fans = [f"fan{n}@example.test" for n in range(60)]
    batch = EmailBatch(
        sender_address="news@fanfare.test",
        sender_name="Fanfare",
        addresses=fans,
        messages=[words] * 60,
        tokens=[f"tok-{n}" for n in range(60)],
        unsubscribe_urls=["https://fanfare.test/u/x"] * 60,
        deadline_monotonic=time.monotonic() + 5,
    )

    outcomes = channel.send(batch, always)
    channel.close()
    taken = accepted_hashes(lab)
    step(lab, minutes=5)

    for fan, outcome in zip(fans, outcomes, strict=True):
        times = taken[address_hash(fan)]
        assert times == (1 if isinstance(outcome, Accepted | Unknown) else 0)
    assert {type(outcome) for outcome in outcomes} == {Accepted, Refused, NotSent, Unknown}
    reports = [report for _, report in BounceMaildir(maildir, provider="smtp").take(100)]
    assert reports
    assert all(report and report.token in batch.tokens and report.code == 511 for report in reports)


def test_events_links_and_accounts_are_read(start: Start) -> None:
    lab = start()
    caller = Caller(lab.base_url)
    event = {
        "id": "G5d",
        "name": "A Night",
        "sales": {"public": {"startDateTime": "2026-05-08T14:00:00Z"}},
        "_embedded": {"venues": [{"id": "V", "name": "Hall", "country": {"countryCode": "CA"}}]},
    }
    assert caller.put("/discovery/v2/events/G5d.json", event).status == 200
    assert caller.put("/accounts/acc_1", {"accountId": "acc_1", "email": "fan@example.test"}).status == 200

    source = Discovery(
        DiscoveryConfig(base_url=f"{lab.base_url}/discovery/v2", api_key="lab-key"), http=http(), clock=CLOCK
    )
    links = Bitly(BitlyConfig(base_url=f"{lab.base_url}/v4", token="lab-links-token"), http=http(), clock=CLOCK)
    accounts = OAuthAccounts(
        AccountsConfig(
            base_url=lab.base_url, issuer_url=lab.base_url, client_id="lab-client", client_secret="lab-secret"
        ),
        http=http(),
        clock=CLOCK,
    )

    found = source.get(EventId("G5d"))
    assert found
    assert source.get(EventId("unknown")) is None
    until_at = NOON + timedelta(hours=3)
    assert source.on_sale_between(NOON, until_at, country_code="CA", page=0) == ((found,), False)
    assert source.on_sale_between(NOON, until_at, country_code="US", page=0) == ((), False)

    link = links.shorten(EventId("G5d"), "https://www.ticketmaster.ca/event/1")
    assert link.startswith("https://bit.ly/")
    assert links.shorten(EventId("G5d"), "https://www.ticketmaster.ca/event/1") == link

    account = accounts.get(FanId("acc_1"))
    assert account
    assert account.email == "fan@example.test"
    assert accounts.get(FanId("acc_2")) is None


def test_every_event_of_the_stages_night_is_read(start: Start) -> None:
    lab = start(world="night", fans=50)
    result = http().send(
        HttpRequest("GET", f"{lab.base_url}/discovery/v2/events.json?apikey=lab-key&size=200&includeTest=yes")
    )
    assert isinstance(result, Response)
    ids = [event["id"] for event in json.loads(result.body)["_embedded"]["events"]]
    source = Discovery(
        DiscoveryConfig(base_url=f"{lab.base_url}/discovery/v2", api_key="lab-key", requests_per_second=1000),
        http=http(),
        clock=CLOCK,
    )

    assert len(ids) >= 10
    assert all(source.get(EventId(event_id)) for event_id in ids)
