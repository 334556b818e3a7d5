import hashlib
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Locale
from fanfare.model.event import Event
from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale, SaleKind
from fanfare.rules import email_text
from fanfare.rules.email_layout import EmailWords
from fanfare.rules.wording import EVERY_BRAND, Form, TemplateKey
from tests.rules.wording_samples import BRAND, LINK, NAMES, a_sale, an_event

US, FR = Locale.EN_US, Locale.FR_CA


class Page(HTMLParser):
    """The tags, the links and the words of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value for name, value in attrs if name == "href" and value)

    def handle_data(self, data: str) -> None:
        self.words += data


def write(
    kind: MessageKind = MessageKind.REMINDER,
    locale: Locale = US,
    event: Event | None = None,
    sale: Sale | None = None,
    templates: dict[TemplateKey, EmailWords] | None = None,
) -> EmailMessage:
    return email_text.compose(
        kind,
        brand=BRAND,
        event=event,
        sale=sale,
        locale=locale,
        link=LINK,
        contact_link=None,
        templates=templates or email_text.DEFAULT,
    )


def test_a_reminder_names_everything_a_fan_must_know() -> None:
    """REQ-002, REQ-003."""
    message = write(event=an_event(), sale=a_sale(SaleKind.ARTIST, "Artist Presale"))

    assert message.subject == "Les Etoiles: presale (Artist Presale) Fri, May 8 at 10:00 AM EDT"
    assert message.text == (
        "Les Etoiles\n\n"
        "The presale (Artist Presale) opens Fri, May 8 at 10:00 AM EDT.\n\n"
        "Where: Salle Exemple, Ottawa\n\n"
        "Show: Saturday, August 1, 2026\n\n"
        "Go to the presale:\nhttps://bit.ly/3ExAmPl\n\n"
        "-- \n"
        "You get this because you asked Ticketmaster to tell you.\n"
        "Contact Ticketmaster: https://www.ticketmaster.example/contact\n"
        "1 rue Exemple, Ottawa ON K1S 3W7\n"
        "Unsubscribe: https://unsubscribe.invalid/\n"
    )


def test_a_reminder_is_written_in_the_french_of_canada() -> None:
    """REQ-003."""
    message = write(locale=FR, event=an_event(), sale=a_sale())

    assert message.subject == "Les Etoiles : en vente ven. 8 mai à 10 h 00 HAE"
    assert "Les billets seront en vente ven. 8 mai à 10 h 00 HAE." in message.text
    assert "Spectacle : samedi 1er août 2026" in message.text
    assert 'lang="fr-CA"' in message.html


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("locale", Locale)
def test_both_parts_say_the_same_and_hold_the_way_out_once(kind: MessageKind, locale: Locale) -> None:
    message = write(kind, locale, an_event(), a_sale())
    page = Page(message.html)

    expected = 0 if kind is MessageKind.OPT_OUT_CONFIRMED else 1
    assert message.text.count(UNSUBSCRIBE_MARK) == page.links.count(UNSUBSCRIBE_MARK) == expected
    assert message.html.count(UNSUBSCRIBE_MARK) == expected
    assert (LINK in message.text) is (LINK in page.links)
    for line in message.text.partition("-- \n")[0].split("\n\n"):
        assert line.split(":\n")[0] in page.words


def test_what_stops_or_confirms_needs_no_event() -> None:
    assert write(MessageKind.HELP).subject == "Ticketmaster: about these emails"
    assert write(MessageKind.OPT_IN_CONFIRMED).subject == "Ticketmaster: we will tell you"


@given(NAMES, NAMES, NAMES, st.sampled_from(Locale))
def test_no_name_can_add_a_header_or_a_tag(artist: str, venue: str, presale: str, locale: Locale) -> None:
    message = write(locale=locale, event=an_event(artist, venue), sale=a_sale(SaleKind.OTHER, presale))
    page = Page(message.html)

    assert message.subject.isprintable() or not set(message.subject) & set("\r\n\0\u2028\u2029\x85")
    assert len(message.subject.splitlines()) == 1
    assert set(page.tags) <= {"html", "head", "meta", "title", "style", "body", "div", "p", "h1", "bdi", "a"}
    assert page.links == [LINK, BRAND.contact_url, UNSUBSCRIBE_MARK]
    assert message.text.count(UNSUBSCRIBE_MARK) == 1
    message.html.encode()
    message.text.encode()


def test_the_hash_is_that_of_subject_and_text() -> None:
    message = write(event=an_event(), sale=a_sale())

    digest = hashlib.sha256(f"{message.subject}\0{message.text}".encode()).hexdigest()
    assert message.text_hash == digest[:16]


def test_an_operators_words_are_data_too() -> None:
    own = EmailWords(subject="{artist}", heading="<script>{artist}", lines=("{day} {time}",), button="Go")

    page = Page(write(event=an_event(), sale=a_sale(), templates={(EVERY_BRAND, US, Form.REMINDER): own}).html)

    assert "script" not in page.tags
    assert "<script>Les Etoiles" in page.words


@pytest.mark.parametrize(("key", "words"), email_text.DEFAULT.items())
def test_the_default_words_have_no_mistakes(key: TemplateKey, words: EmailWords) -> None:
    assert email_text.lint(key[2], words) == ()


def test_every_locale_has_every_form() -> None:
    assert email_text.DEFAULT.keys() == {(EVERY_BRAND, locale, form) for locale in Locale for form in Form}


def test_each_mistake_names_the_part_it_is_in() -> None:
    words = EmailWords(subject="{artits}", heading="h", lines=("{day}", "}"), button="")

    fixes = [mistake.fix for mistake in email_text.lint(Form.REMINDER, words)]

    assert [fix.partition(":")[0] for fix in fixes] == ["subject", "line 2", "lines", "button"]
    assert fixes[2] == "lines: Add {time}."
