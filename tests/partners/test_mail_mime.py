import re
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage
from fanfare.partners.mail_mime import MailFrom, encoded, form_of
from tests.partners.real_clock import NOON

SENDER = MailFrom(name="Fanfare, Été", address="news@fanfare.test", unsubscribe_address="bounce+{token}@back.test")
URL = "https://fanfare.test/u/abc=&x=1"


def message(
    *, subject: str = "On sale", text: str = f"Bye: {UNSUBSCRIBE_MARK} .", html: str = f'<a href="{UNSUBSCRIBE_MARK}">'
) -> EmailMessage:
    return EmailMessage(subject=subject, text=text, html=html, text_hash="")


def wire(words: EmailMessage, *, url: str = URL, sender: MailFrom = SENDER) -> bytes:
    form = form_of(words, sender, NOON)
    return form.fill(address="fan@example.test", message_id="tok@back.test", token="tok", unsubscribe_url=url)


def parsed(content: bytes) -> Parsed:
    """Undo the wire as a mail server and a mail program do."""
    unstuffed = re.sub(rb"(?m)^\.\.", b".", content)
    return message_from_bytes(unstuffed, policy=policy.default)


def body(mail: Parsed, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return cast("str", part.get_content()).replace("\r\n", "\n")


def test_a_mail_says_what_the_standards_ask() -> None:
    mail = parsed(wire(message(subject="En vente: Les Étoiles \N{EN DASH} demain")))

    assert mail["To"] == "fan@example.test"
    assert mail["From"] == '"Fanfare, Été" <news@fanfare.test>'
    assert mail["Subject"] == "En vente: Les Étoiles \N{EN DASH} demain"
    assert mail["Date"].datetime == NOON
    assert mail["Message-ID"] == "<tok@back.test>"
    assert mail["List-Unsubscribe"] == f"<{URL}>, <mailto:bounce+tok@back.test?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not mail.defects


def test_the_fans_own_link_takes_the_place_of_the_mark() -> None:
    mail = parsed(wire(message()))

    assert body(mail, "plain") == f"Bye: {URL} ."
    assert body(mail, "html") == '<a href="https://fanfare.test/u/abc=&amp;x=1">'
    assert UNSUBSCRIBE_MARK.encode() not in wire(message())


def test_without_a_link_no_mail_program_offers_one() -> None:
    assert parsed(wire(message(), url=""))["List-Unsubscribe"] is None


def test_where_nobody_reads_returned_mail_only_the_link_is_offered() -> None:
    sender = MailFrom(name="Fanfare", address="news@fanfare.test")

    assert parsed(wire(message(), sender=sender))["List-Unsubscribe"] == f"<{URL}>"


@pytest.mark.parametrize("words", ["", ".", "..\n.\n", "a \nb\t\n", "é" * 300, "=" * 200, "x" * 500, "\n\n", "From x"])
def test_any_words_arrive_as_they_were(words: str) -> None:
    mail = parsed(wire(message(text=words + UNSUBSCRIBE_MARK + words, html=words)))

    assert body(mail, "plain") == words + URL + words
    assert body(mail, "html") == words


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp"), include_characters="\n"), max_size=200))
def test_no_words_break_the_frame(words: str) -> None:
    content = wire(message(text=words + UNSUBSCRIBE_MARK, html=UNSUBSCRIBE_MARK + words))

    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert not re.search(rb"(?m)^\.(?!\.)", content)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()
    assert body(parsed(content), "plain") == words + URL
    assert body(parsed(content), "html") == URL.replace("&", "&amp;") + words


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=400))
def test_an_address_of_any_length_is_put_together_again(url: str) -> None:
    lines = encoded(url).split(b"\r\n")

    assert all(len(line) <= 76 for line in lines)
    assert b"".join(line.removesuffix(b"=") for line in lines).replace(b"=3D", b"=") == url.encode()


@pytest.mark.parametrize("subject", ["a\nBcc: x@example.test", "a\r\nBcc: x@example.test", "é\nBcc: x@example.test"])
def test_a_line_break_in_the_subject_adds_no_header(subject: str) -> None:
    assert parsed(wire(message(subject=subject)))["Bcc"] is None


def test_a_line_break_in_the_senders_name_adds_no_header() -> None:
    sender = MailFrom(name="Fanfare\r\nBcc: x@example.test", address="news@fanfare.test")

    assert parsed(wire(message(), sender=sender))["Bcc"] is None
