"""The unsubscribe link: opened by anybody, acted on only by a POST."""

import pytest

from fanfare.model.channel import Channel
from fanfare.model.notification import State
from fanfare.ports.opt_outs import EVERY_BRAND
from tests.doors.web.caller import FORM
from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import BY_EMAIL, EMAIL, OPT_IN, PHONE, is_opted_out, opt_in

ONE_CLICK = b"List-Unsubscribe=One-Click"


@pytest.fixture
def link(stage: Stage) -> str:
    """The link in an email to a fan who gave a number and a mailbox."""
    opt_in(stage)
    fan_ref = opt_in(stage, BY_EMAIL)
    return f"/u/{stage.world.vault.sign_fan(fan_ref, 'unsubscribe:ticketmaster')}"


def test_opening_the_link_changes_nothing_however_often(stage: Stage, link: str) -> None:
    before = stage.image()

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        for suffix in ("", "?lang=fr", "?List-Unsubscribe=One-Click", "?stop=all"):
            stage.call(method, link + suffix, User_Agent="BarracudaCentral/1.0")

    assert stage.image() == before


def test_one_click_stops_emails_at_once_and_nothing_else(stage: Stage, link: str) -> None:
    answer = stage.call("POST", link, ONE_CLICK, Content_Type=FORM)

    assert answer.status == 200
    assert is_opted_out(stage, Channel.EMAIL, EMAIL) == {EVERY_BRAND}
    assert not is_opted_out(stage, Channel.SMS, PHONE)


def test_one_click_may_come_as_multipart(stage: Stage, link: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'

    assert stage.call("POST", link, body, Content_Type="multipart/form-data; boundary=b").status == 200
    assert is_opted_out(stage, Channel.EMAIL, EMAIL) == {EVERY_BRAND}


def test_what_waits_for_the_mailbox_is_ended(stage: Stage, link: str) -> None:
    stage.call("POST", link, ONE_CLICK, Content_Type=FORM)

    (fan_ref,) = stage.world.demands.holders(Channel.EMAIL, stage.world.vault.hash([EMAIL])[0])
    states = {row.channel: row.state for row in stage.world.notifications.of_fan(fan_ref, 10)}
    assert states == {Channel.SMS: State.CREATED, Channel.EMAIL: State.SUPPRESSED}


def test_acting_twice_changes_nothing_more(stage: Stage, link: str) -> None:
    stage.call("POST", link, ONE_CLICK, Content_Type=FORM)
    image = stage.image()

    assert stage.call("POST", link, ONE_CLICK, Content_Type=FORM).status == 200
    assert stage.image() == image


def test_the_second_button_stops_texts_too(stage: Stage, link: str) -> None:
    answer = stage.call("POST", link, b"lang=en&stop=all", Content_Type=FORM)

    assert "email or text" in answer.text
    assert is_opted_out(stage, Channel.EMAIL, EMAIL) == {EVERY_BRAND}
    assert is_opted_out(stage, Channel.SMS, PHONE) == {EVERY_BRAND}


@pytest.mark.parametrize(
    ("query", "header", "word"),
    [
        ("", "en-US,en;q=0.9", "Ne plus recevoir"),  # the fan's own language goes before the browser's
        ("?lang=en", "fr", "Stop our reminders"),
        ("?lang=xx", "fr", "Ne plus recevoir"),
    ],
)
def test_the_page_speaks_the_fans_language(stage: Stage, link: str, query: str, header: str, word: str) -> None:
    assert word in stage.call("GET", link + query, Accept_Language=header).text


def test_the_page_shows_no_address(stage: Stage, link: str) -> None:
    page = stage.call("GET", link).text

    assert EMAIL not in page
    assert PHONE[2:] not in page


@pytest.mark.parametrize("change", ["flip", "other purpose", "nonsense"])
def test_a_forged_link_does_nothing(stage: Stage, link: str, change: str) -> None:
    fan_ref = opt_in(stage, {**OPT_IN, "fan_id": "fan-2", "address": "+15145550199"})
    forged = {
        "flip": link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB"),
        "other purpose": f"/u/{stage.world.vault.sign_fan(fan_ref, 'preferences:ticketmaster')}",
        "nonsense": "/u/%00%ff",
    }[change]
    before = stage.image()

    assert stage.call("GET", forged).status == 404
    assert stage.call("POST", forged, ONE_CLICK, Content_Type=FORM).status == 404
    assert stage.image() == before
