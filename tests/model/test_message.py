"""The words of a message, rendered and measured."""

from urllib.parse import urlsplit

from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage, SmsMessage


def test_equal_words_are_equal_messages() -> None:
    assert SmsMessage(body="On sale", segments=1, text_hash="0") == SmsMessage(
        body="On sale", segments=1, text_hash="0"
    )


def test_the_mark_for_the_unsubscribe_link_leads_nowhere() -> None:
    message = EmailMessage(subject="s", text=f"Stop: {UNSUBSCRIBE_MARK}", html="", text_hash="0")

    assert (urlsplit(UNSUBSCRIBE_MARK).hostname or "").endswith(".invalid")
    assert UNSUBSCRIBE_MARK in message.text
