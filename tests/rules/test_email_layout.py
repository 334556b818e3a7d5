from fanfare.model.channel import Locale
from fanfare.model.message import UNSUBSCRIBE_MARK
from fanfare.rules import email_layout
from fanfare.rules.email_layout import EmailWords

WORDS = EmailWords(
    subject="[{artist}: ]{day}",
    heading="[{artist}]",
    lines=("Opens {day} <soon>.", "[Where: {venue}]"),
    button="Buy",
)
VALUES = {
    "brand": "B & Co",
    "artist": "Tom & <i>Jerry</i>",
    "venue": "",
    "city": "",
    "presale": "",
    "day": "Fri, May 8",
    "link": "https://a.example/?x=1&y=2",
    "contact": "https://b.example/",
    "postal_address": "1 Example Street",
}


def html(**changes: str) -> str:
    return email_layout.html(WORDS, VALUES | changes, Locale.FR_CA, unsubscribes=True)


def text(*, unsubscribes: bool = True) -> str:
    return email_layout.text(WORDS, VALUES, Locale.EN_US, unsubscribes=unsubscribes)


def test_templates_and_values_are_escaped() -> None:
    page = html()

    assert "<h1><bdi>Tom &amp; &lt;i&gt;Jerry&lt;/i&gt;</bdi></h1>" in page
    assert "<p>Opens Fri, May 8 &lt;soon&gt;.</p>" in page
    assert 'href="https://a.example/?x=1&amp;y=2"' in page


def test_the_language_is_declared() -> None:
    assert '<html lang="fr-CA" dir="ltr">' in html()


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = html()

    assert not [tag for tag in ("<img", "<link", "<script", "url(", "@import", "src=") if tag in page]


def test_both_schemes_of_colours_are_styled() -> None:
    page = html()

    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme:dark" in page


def test_a_line_whose_brackets_leave_nothing_is_left_out() -> None:
    assert "Where" not in html()
    assert "<p>Where: <bdi>Hall</bdi></p>" in html(venue="Hall")


def test_the_text_part_says_the_same() -> None:
    assert text() == (
        "Tom & <i>Jerry</i>\n\nOpens Fri, May 8 <soon>.\n\nBuy:\nhttps://a.example/?x=1&y=2\n\n"
        "-- \nYou get this because you asked B & Co to tell you.\nContact B & Co: https://b.example/\n"
        f"1 Example Street\nUnsubscribe: {UNSUBSCRIBE_MARK}\n"
    )


def test_the_way_out_is_left_out_for_those_who_are_out() -> None:
    assert UNSUBSCRIBE_MARK not in text(unsubscribes=False)
    assert UNSUBSCRIBE_MARK not in email_layout.html(WORDS, VALUES, Locale.EN_US, unsubscribes=False)


def test_a_brand_without_an_address_has_no_empty_line_for_it() -> None:
    assert "Example Street" in html()
    assert "<p></p>" not in html(postal_address="")


def test_a_subject_keeps_its_day_in_sight_beside_a_long_name() -> None:
    line = email_layout.subject(WORDS, VALUES | {"artist": "A" * 200})

    assert line == "A" * 47 + "...: Fri, May 8"


def test_a_subject_is_one_line_and_no_longer_than_its_limit() -> None:
    words = EmailWords(subject="a\r\nBcc: x\n" + "b " * 200, heading="h")

    line = email_layout.subject(words, VALUES)

    assert line.startswith("a Bcc: x b b")
    assert len(line) <= email_layout.SUBJECT_CHARACTERS_MAX
