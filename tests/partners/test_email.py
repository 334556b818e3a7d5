import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage
from fanfare.model.notification import Reason
from fanfare.partners import email as email_channel
from fanfare.partners.addresses import AddressPolicy
from fanfare.partners.email import SmtpEmail
from fanfare.partners.mail_connection import MAILS_MAX, EmailConfig
from fanfare.ports.channels import Accepted, EmailBatch, EmailChannel, NotSent, Outcome, Refused, Unknown
from fanfare.ports.faults import Transient
from tests.partners.certificates import certificate_for
from tests.partners.real_clock import RealClock
from tests.partners.smtp_sink import DROP, Rule, Sink, mail_server, obliging

WORDS = EmailMessage(
    subject="On sale", text=f"Bye {UNSUBSCRIBE_MARK}", html=f'<a href="{UNSUBSCRIBE_MARK}">x</a>', text_hash=""
)
ONE = EmailConfig(provider="smtp", host="127.0.0.1", port=0, security="none", connections=1, timeout_seconds=10)
HELD = NotSent(counts=False)


@contextmanager
def channel(
    rule: Rule = obliging, config: EmailConfig = ONE, *, greeting: str = "220 sink"
) -> Generator[tuple[Sink, EmailChannel]]:
    with mail_server(rule, greeting=greeting) as sink:
        email = SmtpEmail(replace(config, port=sink.port), clock=RealClock())
        yield sink, email
        email.close()


def batch(count: int = 1, *, seconds: float = 5.0) -> EmailBatch:
    return EmailBatch(
        sender_address="news@fanfare.test",
        sender_name="Fanfare",
        addresses=[f"fan{n}@example.test" for n in range(count)],
        messages=[WORDS] * count,
        tokens=[f"tok-{n}" for n in range(count)],
        unsubscribe_urls=[f"https://fanfare.test/u/{n}" for n in range(count)],
        deadline_monotonic=time.monotonic() + seconds,
    )


def yes() -> bool:
    return True


def sent_with(rule: Rule, *, greeting: str = "220 sink") -> Outcome:
    with channel(rule, greeting=greeting) as (_, email):
        return email.send(batch(), yes)[0]


def at(verb: str, answer: str) -> Rule:
    return lambda given, _line: answer if given == verb else None


def test_a_mail_is_taken_with_a_return_path_of_its_own() -> None:
    with channel() as (sink, email):
        outcomes = email.send(batch(), yes)

    assert outcomes == (Accepted("tok-0@fanfare.test"),)
    (taken,) = sink.taken
    assert (taken.sender, taken.recipient) == ("bounce+tok-0@fanfare.test", "fan0@example.test")
    assert b"Message-ID: <tok-0@fanfare.test>" in taken.content
    assert b"https://fanfare.test/u/0" in taken.content


def test_returned_mail_goes_to_the_domain_that_reads_it() -> None:
    with channel(config=replace(ONE, bounce_domain="back.test")) as (sink, email):
        email.send(batch(), yes)

    assert sink.taken[0].sender == "bounce+tok-0@back.test"
    assert b"mailto:bounce+tok-0@back.test" in sink.taken[0].content


def test_a_batch_goes_over_a_few_connections_and_keeps_its_order() -> None:
    with channel(config=replace(ONE, connections=3)) as (sink, email):
        outcomes = email.send(batch(150), yes)

        assert outcomes == tuple(Accepted(f"tok-{n}@fanfare.test") for n in range(150))
        assert sorted(taken.recipient for taken in sink.taken) == sorted(f"fan{n}@example.test" for n in range(150))
        assert 1 <= sink.connections <= 3


def test_connections_are_kept_over_batches_but_not_for_ever() -> None:
    with channel() as (sink, email):
        for _ in range(3):
            email.send(batch(10), yes)
        assert sink.connections == 1

        email.send(batch(MAILS_MAX), yes)
        assert sink.connections == 2


def test_a_connection_that_died_between_batches_is_opened_again() -> None:
    asked = iter([DROP])

    def rule(verb: str, _line: str) -> str | None:
        return next(asked, None) if verb == "NOOP" else None

    with channel(rule) as (sink, email):
        email.send(batch(), yes)

        assert email.send(batch(), yes) == (Accepted("tok-0@fanfare.test"),)
        assert sink.connections == 2


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("MAIL", "451 4.3.0 later", NotSent(code=451)),
        ("MAIL", "550 5.7.1 not you", Refused(Reason.SENDER_PROBLEM, code=571, alert=True)),
        ("RCPT", "450 4.2.1 greylisted", NotSent(code=450)),
        ("RCPT", "550 5.1.1 unknown", Refused(Reason.INVALID_ADDRESS, code=511)),
        ("RCPT", "550 no such user", Refused(Reason.INVALID_ADDRESS, code=550)),
        ("RCPT", "550 5.7.1 blocked", Refused(Reason.BLOCKED, code=571)),
        ("RCPT", "552 5.2.2 mailbox full", Refused(Reason.BOUNCED, code=522)),
        ("RCPT", "251 2.1.5 will forward", Accepted("tok-0@fanfare.test")),
        ("RCPT", "421 4.3.2 closing", NotSent(code=421)),
        ("RCPT", "nonsense", NotSent()),
        ("RCPT", DROP, NotSent()),
        ("DATA", "451 4.3.0 later", NotSent(code=451)),
        ("DATA", "554 5.5.1 no", Refused(Reason.REJECTED, code=551)),
        ("DATA", DROP, NotSent()),
        (".", "451 4.3.0 later", NotSent(code=451)),
        (".", "554 5.7.1 spam", Refused(Reason.REJECTED, code=571)),
        (".", "nonsense", Unknown("the answer was unreadable")),
        (".", DROP, Unknown("the connection broke before the answer")),
        ("EHLO", "500 what?", Accepted("tok-0@fanfare.test")),
    ],
    ids=str,
)
def test_each_answer_of_the_server_has_its_meaning(verb: str, answer: str, outcome: Outcome) -> None:
    assert sent_with(at(verb, answer)) == outcome


@pytest.mark.parametrize(
    ("greeting", "outcome"),
    [
        ("421 4.3.2 busy", NotSent(code=421)),
        ("554 5.7.1 go away", Refused(Reason.SENDER_PROBLEM, code=554, alert=True)),
        (DROP, NotSent()),
    ],
)
def test_a_server_that_does_not_greet_takes_nothing(greeting: str, outcome: Outcome) -> None:
    assert sent_with(obliging, greeting=greeting) == outcome


def test_a_server_that_is_silent_after_the_mail_leaves_it_unknown() -> None:
    def rule(verb: str, _line: str) -> str | None:
        if verb == ".":
            time.sleep(0.8)
        return None

    with channel(rule, replace(ONE, timeout_seconds=0.4)) as (_, email):
        assert email.send(batch(), yes) == (Unknown("the connection broke before the answer"),)


def test_no_server_means_not_sent() -> None:
    with mail_server() as sink:
        port = sink.port
    email = SmtpEmail(replace(ONE, port=port), clock=RealClock())

    assert email.send(batch(3), yes) == (NotSent(),) * 3


def test_one_mail_that_is_turned_away_leaves_its_neighbours_alone() -> None:
    def rule(verb: str, line: str) -> str | None:
        if verb == "RCPT" and "fan3@" in line:
            return "550 5.1.1 unknown"
        if verb == "." and "fan5@" in line:
            return DROP
        return None

    with channel(rule) as (sink, email):
        outcomes = email.send(batch(8), yes)

    kinds = [Accepted] * 3 + [Refused, Accepted, Unknown, Accepted, Accepted]
    assert [type(outcome) for outcome in outcomes] == kinds
    assert len(sink.taken) == 6


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"addresses": ["fan@example.test\r\nRCPT TO:<x@example.test>"]}, Refused(Reason.INVALID_ADDRESS)),
        ({"addresses": ["a b@example.test"]}, Refused(Reason.INVALID_ADDRESS)),
        ({"addresses": ["a@b@example.test"]}, Refused(Reason.INVALID_ADDRESS)),
        ({"addresses": ["<a@example.test>"]}, Refused(Reason.INVALID_ADDRESS)),
        ({"addresses": ["fän@example.test"]}, Refused(Reason.INVALID_ADDRESS)),
        ({"addresses": [""]}, Refused(Reason.INVALID_ADDRESS)),
        ({"messages": [replace(WORDS, subject="a\r\nBcc: b@c.test")]}, Refused(Reason.REJECTED, alert=True)),
        ({"tokens": ["a\r\nb"]}, Refused(Reason.REJECTED, alert=True)),
        ({"tokens": [""]}, Refused(Reason.REJECTED, alert=True)),
        ({"unsubscribe_urls": ["https://a.test/\r\nBcc: b"]}, Refused(Reason.REJECTED, alert=True)),
        ({"unsubscribe_urls": ["https://a.test/> b"]}, Refused(Reason.REJECTED, alert=True)),
        ({"unsubscribe_urls": ["javascript:x"]}, Refused(Reason.REJECTED, alert=True)),
        ({"sender_address": "a\r\nb@c.test"}, Refused(Reason.SENDER_PROBLEM, alert=True)),
    ],
    ids=str,
)
def test_what_could_break_out_of_its_line_is_never_written(change: dict[str, object], refused: Refused) -> None:
    with channel() as (sink, email):
        assert email.send(replace(batch(), **change), yes) == (refused,)
        assert not sink.lines


def test_nothing_leaves_while_paused_or_after_the_deadline() -> None:
    def broken() -> bool:
        raise Transient("database is locked")

    with channel() as (sink, email):
        assert email.send(batch(2), lambda: False) == (HELD, HELD)
        assert email.send(batch(2), broken) == (HELD, HELD)
        assert email.send(batch(2, seconds=0), yes) == (HELD, HELD)
        assert not sink.connections


def test_a_pause_in_the_middle_of_a_batch_holds_the_rest_back() -> None:
    paused = threading.Event()

    def rule(verb: str, line: str) -> str | None:
        if verb == "." and "fan4@" in line:
            paused.set()
            time.sleep(0.1)
        return None

    with channel(rule) as (sink, email):
        outcomes = email.send(batch(20), lambda: not paused.is_set())

    assert outcomes == tuple(Accepted(f"tok-{n}@fanfare.test") for n in range(5)) + (HELD,) * 15
    assert len(sink.taken) == 5


def test_the_deadline_is_looked_at_again_before_the_mail_itself() -> None:
    def rule(verb: str, _line: str) -> str | None:
        if verb == "RCPT":
            time.sleep(0.3)
        return None

    with channel(rule) as (sink, email):
        assert email.send(batch(2, seconds=0.2), yes) == (HELD, HELD)
        assert not sink.taken
        assert "data" not in sink.lines


def test_the_permission_is_asked_in_the_callers_thread_only() -> None:
    asked: set[int] = set()

    def allowed() -> bool:
        asked.add(threading.get_ident())
        return True

    with channel(config=replace(ONE, connections=3)) as (_, email):
        email.send(batch(60), allowed)

    assert asked == {threading.get_ident()}


def test_a_server_that_drips_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_channel, "AFTER_DEADLINE_SECONDS", 0.2)

    def rule(verb: str, _line: str) -> str | None:
        return "250-still thinking" if verb == "RCPT" else None  # and never the last line

    with channel(rule, replace(ONE, timeout_seconds=20)) as (_, email):
        mails = batch(seconds=0.3)
        assert email.send(mails, yes) == (NotSent(),)
        assert time.monotonic() < mails.deadline_monotonic + 10  # the socket alone would wait 20 s


def test_an_interrupted_batch_lets_nothing_more_out() -> None:
    calls = iter([True])

    def interrupt() -> bool:
        for answer in calls:
            return answer
        raise KeyboardInterrupt

    def rule(verb: str, _line: str) -> str | None:
        if verb == "RCPT":
            time.sleep(0.2)
        return None

    with channel(rule) as (sink, email):
        with pytest.raises(KeyboardInterrupt):
            email.send(batch(5), interrupt)
        time.sleep(0.3)
        assert not sink.taken


def test_another_machine_is_not_spoken_to_until_live_is_set(caplog: pytest.LogCaptureFixture) -> None:
    email = SmtpEmail(replace(ONE, host="mail.example.test", port=25), clock=RealClock())

    assert email.send(batch(), yes) == (HELD,)
    assert "set live = true" in str(vars(caplog.records[-1]))


def test_a_live_system_may_use_a_mail_server_in_the_house() -> None:
    with channel(config=replace(ONE, policy=AddressPolicy(live=True))) as (_, email):
        assert isinstance(email.send(batch(), yes)[0], Accepted)


def test_without_tls_nothing_goes_to_a_server_that_was_to_be_asked_for_it() -> None:
    for security in ("starttls", "tls"):
        with channel(config=replace(ONE, security=security)) as (sink, email):
            assert email.send(batch(), yes) == (NotSent(),)
            assert not sink.taken


@pytest.mark.parametrize("is_trusted", [True, False])
def test_mail_goes_by_tls_to_a_server_that_proves_its_name(tmp_path: Path, *, is_trusted: bool) -> None:
    certificate = certificate_for("localhost", tmp_path)
    with mail_server(tls=certificate.server_context()) as sink:
        ca_file = str(certificate.file) if is_trusted else None
        config = replace(ONE, host="localhost", port=sink.port, security="tls", ca_file=ca_file)
        email = SmtpEmail(config, clock=RealClock())
        outcomes = email.send(batch(), yes)
        email.close()

    assert outcomes == ((Accepted("tok-0@fanfare.test"),) if is_trusted else (NotSent(),))
    assert len(sink.taken) == is_trusted


def test_a_password_never_goes_over_an_open_connection() -> None:
    with pytest.raises(ValueError, match="starttls"):
        EmailConfig(provider="smtp", host="mail.example.test", port=25, security="none", username="me", password="x")


def test_refused_credentials_stop_the_sender() -> None:
    def rule(verb: str, _line: str) -> str | None:
        return {"EHLO": "250-sink\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 no"}.get(verb)

    with channel(rule, replace(ONE, username="me", password="hidden")) as (_, email):
        assert email.send(batch(), yes) == (Refused(Reason.SENDER_PROBLEM, code=535, alert=True),)


def test_logs_of_the_channel_hold_no_secret_and_no_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    config = replace(ONE, username="me", password="hidden")

    def rule(verb: str, _line: str) -> str | None:
        return {"EHLO": "250-sink\r\n250 AUTH PLAIN", ".": DROP}.get(verb)

    with channel(rule, config) as (_, email):
        outcomes = email.send(batch(2), yes)

    told = f"{outcomes} {email!r} {config!r} " + " ".join(str(vars(record)) for record in caplog.records)
    assert "mail_server_troubled" in told
    assert not [each for each in ("hidden", "fan0", "fan1", "tok-0") if each in told]
