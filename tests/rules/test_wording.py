from dataclasses import replace

import pytest

from fanfare.model.channel import Locale
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.rules import wording
from fanfare.rules.wording import EVERY_BRAND, Form
from tests.rules.wording_samples import BRAND, LINK, a_sale, an_event

PRESALE = a_sale(SaleKind.ARTIST, "Artist Presale")


@pytest.mark.parametrize(
    ("kind", "sale", "form"),
    [
        (MessageKind.REMINDER, a_sale(), Form.REMINDER),
        (MessageKind.REMINDER, PRESALE, Form.REMINDER_PRESALE),
        (MessageKind.REMINDER, a_sale(SaleKind.VIP, "VIP"), Form.REMINDER_PRESALE),
        (MessageKind.SALE_CHANGED, PRESALE, Form.SALE_MOVED),
        (MessageKind.SALE_CHANGED, PRESALE.cancelled(), Form.SALE_CANCELLED),
        (MessageKind.SALE_CHANGED, replace(PRESALE, status=SaleStatus.UNSCHEDULED), Form.SALE_POSTPONED),
        (MessageKind.OPT_IN_CONFIRMED, None, Form.OPT_IN_CONFIRMED),
        (MessageKind.OPT_OUT_CONFIRMED, None, Form.OPT_OUT_CONFIRMED),
        (MessageKind.START_CONFIRMED, None, Form.START_CONFIRMED),
        (MessageKind.HELP, None, Form.HELP),
    ],
)
def test_kind_and_sale_decide_the_form(kind: MessageKind, sale: Sale | None, form: Form) -> None:
    assert wording.form_of(kind, sale) is form


@pytest.mark.parametrize("kind", [MessageKind.REMINDER, MessageKind.SALE_CHANGED])
def test_a_message_about_a_sale_needs_its_sale(kind: MessageKind) -> None:
    with pytest.raises(ValueError, match="needs its sale"):
        wording.form_of(kind, None)


def test_the_presale_is_named_for_presales_only() -> None:
    """REQ-002."""
    assert wording.names(BRAND, an_event(), PRESALE)["presale"] == "Artist Presale"
    assert not wording.names(BRAND, an_event(), a_sale(name="General Onsale"))["presale"]


def test_names_that_are_not_known_are_empty() -> None:
    named = wording.names(BRAND, None, None)

    assert named == {"brand": "Ticketmaster", "artist": "", "venue": "", "city": "", "presale": ""}


def test_the_brands_own_words_win_then_the_operators_then_the_default() -> None:
    default, every, own = (EVERY_BRAND, Locale.EN_US, Form.HELP), (EVERY_BRAND, Locale.EN_US, Form.HELP), None
    own = (BRAND.key, Locale.EN_US, Form.HELP)

    def pick(overrides: dict[wording.TemplateKey, str]) -> str:
        return wording.pick(overrides, {default: "default"}, BRAND, Locale.EN_US, Form.HELP)

    assert pick({}) == "default"
    assert pick({every: "every"}) == "every"
    assert pick({every: "every", own: "own"}) == "own"


@pytest.mark.parametrize("local_date", [None, "", "soon", "2026-13-01"])
def test_a_day_of_the_show_that_is_not_known_is_left_out(local_date: str | None) -> None:
    assert not wording.show_day(replace(an_event(), local_date=local_date), Locale.EN_US)
    assert not wording.show_day(None, Locale.EN_US)


def test_a_timed_form_needs_an_instant() -> None:
    with pytest.raises(ValueError, match="opening instant"):
        wording.instant(an_event(), replace(a_sale(), starts_at=None), Locale.EN_US, Form.REMINDER)
    with pytest.raises(ValueError, match="opening instant"):
        wording.instant(None, a_sale(), Locale.EN_US, Form.REMINDER)


def test_a_timed_form_needs_a_link_and_the_others_do_not() -> None:
    with pytest.raises(ValueError, match="needs a link"):
        wording.require_link(None, Form.REMINDER)
    assert not wording.require_link(None, Form.HELP)
    assert wording.require_link(LINK, Form.HELP) == LINK


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://a.example",
        "https://a.example/a b",
        "https://a.example/\r\nX: y",
        'https://a.example/"onclick=',
        "https://a.example/é",
        "https://a.example/`",
        "https://a.example/{link}",
    ],
)
def test_a_link_that_could_break_out_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        wording.plain_link(link)
