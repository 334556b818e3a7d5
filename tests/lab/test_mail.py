import smtplib
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from fanfare.lab.mail import words
from tests.lab.calls import Caller
from tests.lab.conftest import Start

FAN = "zoe@example.test"
US = "bounce+1@fanfare.example.test"


def mail(subject: str = "On sale soon", text: str = "At 10:00", message_id: str = "<1@x.test>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = US, FAN, subject
    message["Message-ID"] = message_id
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message


def send(lab: Caller, message: EmailMessage, to: str = FAN) -> None:
    with smtplib.SMTP("127.0.0.1", lab.smtp_port, timeout=5) as server:
        server.send_message(message, US, [to])


def test_the_same_words_mailed_twice_are_a_duplicate_whatever_their_ids(lab: Caller) -> None:
    send(lab, mail())
    send(lab, mail(message_id="<2@x.test>"))
    send(lab, mail(text="At 11:00"))
    send(lab, mail(), to="liam@example.test")

    summary = lab.ledger()
    assert summary["accepted_by_service"] == {"mail": 4}
    assert summary["duplicates"] == 1


def test_only_subject_and_text_are_the_words() -> None:
    html_only = EmailMessage()
    html_only["Subject"] = "Été"
    html_only.set_content("<b>x</b>", subtype="html")

    assert words(mail()) == "On sale soon\nAt 10:00"
    assert words(html_only) == "Été\n<b>x</b>"
    assert words(EmailMessage()) == ""


@pytest.mark.parametrize(("kind", "code"), [("mail_reject", 550), ("mail_defer", 451)])
def test_a_recipient_is_refused_for_good_or_for_now(start_lab: Start, kind: str, code: int) -> None:
    lab = start_lab(faults=f"{kind}=1")

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(lab, mail())

    assert refused.value.recipients[FAN][0] == code
    assert lab.ledger()["accepted"] == 0


def test_a_dropped_connection_leaves_the_mail_accepted(start_lab: Start) -> None:
    lab = start_lab(faults="mail_drop=1")

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(lab, mail())

    assert lab.ledger()["accepted"] == 1


def test_a_mail_bounces_into_the_maildir(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab(faults="mail_bounce=1", bounce_maildir=tmp_path / "bounces")
    send(lab, mail())
    assert not (tmp_path / "bounces").exists()

    lab.step("2026-05-08T15:31:00Z")

    (path,) = (tmp_path / "bounces" / "new").iterdir()
    notice = message_from_bytes(path.read_bytes())
    status = notice.get_payload(1)
    headers = notice.get_payload(2)
    assert (notice["To"], notice.get_content_type(), notice.get_param("report-type")) == (
        US,
        "multipart/report",
        "delivery-status",
    )
    assert "Final-Recipient: rfc822; zoe@example.test" in str(status)
    assert "Message-ID: <1@x.test>" in str(headers)
    assert list((tmp_path / "bounces" / "tmp").iterdir()) == []
    assert lab.ledger()["reports"] == {"bounced": 1}
