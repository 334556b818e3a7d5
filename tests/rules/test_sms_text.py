import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Locale
from fanfare.model.event import Event
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale, SaleKind
from fanfare.rules import gsm7, sms_text
from fanfare.rules.sms_text import OPT_OUT, TERMS
from fanfare.rules.templates import MistakeReason
from fanfare.rules.wording import EVERY_BRAND, Form, TemplateKey
from tests.rules.wording_samples import BRAND, CONTACT_LINK, LINK, NAMES, a_sale, an_event

US, CA, FR = Locale.EN_US, Locale.EN_CA, Locale.FR_CA
PRESALE = a_sale(SaleKind.ARTIST, "Artist Presale")
WIDE = an_event(
    "The Extraordinarily Longwinded Orchestra of Somewhere or Other", "The Grand Amphitheatre at Riverbank Park"
)


def remind(
    event: Event | None = None,
    sale: Sale | None = None,
    locale: Locale = US,
    contact_link: str | None = None,
    templates: dict[TemplateKey, str] | None = None,
    *,
    strip_accents: bool = False,
) -> str:
    message = sms_text.compose(
        MessageKind.REMINDER,
        brand=BRAND,
        event=event or an_event(),
        sale=sale or a_sale(),
        locale=locale,
        link=LINK,
        contact_link=contact_link,
        templates=templates or sms_text.DEFAULT,
        strip_accents=strip_accents,
    )
    return message.body


def tell(kind: MessageKind, locale: Locale = US, event: Event | None = None, contact_link: str | None = None) -> str:
    message = sms_text.compose(
        kind, brand=BRAND, event=event, sale=a_sale(), locale=locale, link=LINK, contact_link=contact_link
    )
    assert gsm7.inspect(message.body).segments == message.segments == 1
    return message.body


def test_a_public_sale_is_told_in_american_english() -> None:
    """REQ-002, REQ-003."""
    assert remind() == (
        "Ticketmaster: Les Etoiles on sale Fri, May 8 at 10:00 AM EDT, Salle Exemple. "
        "https://bit.ly/3ExAmPl Reply STOP to end"
    )


def test_a_public_sale_is_told_in_the_french_of_canada() -> None:
    """REQ-002, REQ-003."""
    assert remind(locale=FR) == (
        "Ticketmaster: Les Etoiles, en vente ven. 8 mai à 10 h 00 HAE, Salle Exemple. "
        "https://bit.ly/3ExAmPl Rép. ARRET pour annuler"
    )


def test_a_presale_is_told_with_its_name() -> None:
    """REQ-002."""
    assert remind(an_event(venue="Hall"), PRESALE, CA, CONTACT_LINK) == (
        "Ticketmaster: Les Etoiles presale (Artist Presale) Fri, May 8 at 10:00 a.m. EDT, Hall. "
        "https://bit.ly/3ExAmPl Reply STOP to end. Info: https://tm.example/c"
    )
    assert remind(sale=PRESALE, locale=FR) == (
        "Ticketmaster: Les Etoiles, prévente (Artist Presale) ven. 8 mai à 10 h 00 HAE, Salle Exemple. "
        "https://bit.ly/3ExAmPl Rép. ARRET pour annuler"
    )


def test_a_sale_that_moved_is_told_with_its_new_time() -> None:
    assert tell(MessageKind.SALE_CHANGED, event=an_event()) == (
        "Ticketmaster: New time: Les Etoiles on sale Fri, May 8 at 10:00 AM EDT, Salle Exemple. "
        "https://bit.ly/3ExAmPl Reply STOP to end"
    )


def test_a_cancelled_sale_is_told_without_a_time_or_a_link_to_buy() -> None:
    message = sms_text.compose(
        MessageKind.SALE_CHANGED,
        brand=BRAND,
        event=an_event(),
        sale=PRESALE.cancelled(),
        locale=FR,
        link=None,
        contact_link=None,
    )

    assert message.body == (
        "Ticketmaster: Mise en vente annulée: Les Etoiles (Artist Presale), Salle Exemple. Rép. ARRET pour annuler"
    )


@pytest.mark.parametrize("locale", Locale)
def test_the_first_text_holds_all_that_carriers_ask_for(locale: Locale) -> None:
    """Brand, purpose, frequency, rates, HELP and STOP (CTIA), beside the contact link where it is Canada's."""
    body = tell(MessageKind.OPT_IN_CONFIRMED, locale, an_event("An Artist of Some Length"), BRAND.contact_url)

    assert body.startswith("Ticketmaster: ")
    assert ("Alertes de vente" if locale is FR else "On-sale alerts") in body
    for part in (TERMS[locale], OPT_OUT[locale], BRAND.contact_url):
        assert part in body


def test_the_terms_name_frequency_rates_and_help() -> None:
    assert TERMS[US] == "Msg freq varies. Msg & data rates may apply. HELP for help."
    assert TERMS[FR] == "Fréq. variable. Frais msg/données possibles. AIDE: aide."


def test_an_opt_out_is_confirmed_without_offering_anything() -> None:
    assert tell(MessageKind.OPT_OUT_CONFIRMED) == (
        "Ticketmaster: You are unsubscribed, no more texts. Reply START to resume"
    )
    assert tell(MessageKind.OPT_OUT_CONFIRMED, FR) == (
        "Ticketmaster: Désabonnement fait, plus aucun texto. Rép. START pour reprendre"
    )


@pytest.mark.parametrize("locale", Locale)
def test_help_names_the_contact_page_wherever_the_fan_is(locale: Locale) -> None:
    body = tell(MessageKind.HELP, locale)

    assert body.endswith(BRAND.contact_url)
    assert OPT_OUT[locale] in body


@pytest.mark.parametrize("locale", Locale)
def test_a_return_is_confirmed_with_the_way_out(locale: Locale) -> None:
    assert OPT_OUT[locale] in tell(MessageKind.START_CONFIRMED, locale)


def test_the_artist_gives_way_first() -> None:
    body = remind(replace(WIDE, venue=an_event().venue))

    assert body == (
        "Ticketmaster: The Extraordinarily Longwinded Orchestra of Somewhe... on sale Fri, May 8 at 10:00 AM EDT, "
        "Salle Exemple. https://bit.ly/3ExAmPl Reply STOP to end"
    )
    assert gsm7.septets(body) == 160


def test_the_venue_gives_way_second_and_the_artist_stays_known() -> None:
    body = remind(WIDE, locale=CA, contact_link=CONTACT_LINK)

    assert "The Extraordinari... on sale" in body
    assert "The Grand Amph... https" in body


def test_the_venue_goes_when_shortening_is_not_enough() -> None:
    body = remind(WIDE, a_sale(SaleKind.OTHER, "Preferred Card Member Presale"), FR, CONTACT_LINK)

    assert "Grand" not in body
    assert "(" in body
    assert body.endswith(f"{LINK} Rép. ARRET pour annuler. Info: {CONTACT_LINK}")


def test_every_name_goes_before_a_word_that_may_not_be_cut() -> None:
    contact = "https://www.ticketmaster.example/h/contact-us"

    body = remind(WIDE, PRESALE, FR, contact)

    assert gsm7.septets(body) <= 160
    assert body.endswith(f"{LINK} Rép. ARRET pour annuler. Info: {contact}")


def test_a_text_that_cannot_fit_says_what_to_shorten() -> None:
    with pytest.raises(ValueError, match="septets too long without any name: shorten the template"):
        remind(contact_link="https://www.ticketmaster.example/" + "x" * 60)


def test_accents_that_gsm7_has_stay_unless_the_sender_strips_them_from_english() -> None:
    event = an_event("Beyoncé à Gênes")

    assert "Beyoncé à Genes on" in remind(event)
    assert "Beyonce a Genes on" in remind(event, strip_accents=True)
    assert "prévente" in remind(event, PRESALE, FR, strip_accents=True)


def test_august_is_folded() -> None:
    august = a_sale(starts_at=datetime(2026, 8, 1, 14, tzinfo=UTC))

    assert "sam. 1er aout à 10 h 00 HAE" in remind(sale=august, locale=FR)


def test_an_address_inside_a_name_is_taken_apart_even_where_folding_would_make_it() -> None:
    assert "evil com" in remind(an_event("evil.🔥com"))
    assert "evil.com" not in remind(an_event("evil．com"))  # noqa: RUF001


def test_braces_in_a_name_stay_text() -> None:
    assert "{link}[{venue}] on sale" in remind(an_event("{link}[{venue}]"))


def test_the_operators_words_are_folded_and_the_link_is_not() -> None:
    own: dict[TemplateKey, str] = {(BRAND.key, FR, Form.REMINDER): "{brand}: Prêt? {day} à {time} {link} {opt_out}"}

    assert remind(locale=FR, templates=own) == (
        f"Ticketmaster: Pret? ven. 8 mai à 10 h 00 HAE {LINK} Rép. ARRET pour annuler"
    )


def test_another_brands_words_are_not_used() -> None:
    assert remind(templates={("other", US, Form.REMINDER): "no"}) == remind()


def test_the_hash_is_that_of_the_body() -> None:
    message = sms_text.compose(
        MessageKind.HELP, brand=BRAND, event=None, sale=None, locale=US, link=None, contact_link=None
    )

    assert message.text_hash == hashlib.sha256(message.body.encode()).hexdigest()[:16]


@pytest.mark.parametrize(("key", "template"), sms_text.DEFAULT.items())
def test_the_default_words_have_no_mistakes(key: TemplateKey, template: str) -> None:
    assert sms_text.lint(key[2], template) == ()


def test_every_locale_has_every_form() -> None:
    assert sms_text.DEFAULT.keys() == {(EVERY_BRAND, locale, form) for locale in Locale for form in Form}


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", MistakeReason.EMPTY),
        ("{brand} {day} {time} {link} {opt_out}[ {contact}] {price}", MistakeReason.UNKNOWN_VARIABLE),
        ("{brand} {day} {link} {opt_out}[ {contact}]", MistakeReason.MISSING_VARIABLE),
        ("{brand} {day} {time} {link}[ {opt_out}][ {contact}]", MistakeReason.NOT_ALWAYS),
        ("{brand} {day} {time} {link} {opt_out}", MistakeReason.MISSING_VARIABLE),
        ("{brand} {artist} {day} {time} {link} {opt_out}[ {contact}]", MistakeReason.NOT_OPTIONAL),
    ],
)
def test_a_reminder_must_say_what_it_must_say(template: str, reason: MistakeReason) -> None:
    """REQ-002."""
    assert [mistake.reason for mistake in sms_text.lint(Form.REMINDER, template)] == [reason]


def test_a_rehearsal_finds_nothing_in_the_default_words() -> None:
    assert sms_text.rehearse(BRAND, link=LINK, contact_link=CONTACT_LINK) == ()


def test_a_rehearsal_finds_the_texts_that_would_not_fit_or_render() -> None:
    own: dict[TemplateKey, str] = {(EVERY_BRAND, US, Form.HELP): "{nothing}"}

    long = sms_text.rehearse(BRAND, link=LINK + "x" * 40, contact_link=BRAND.contact_url)
    broken = sms_text.rehearse(BRAND, link=LINK, contact_link=None, templates=own)

    assert any("fr-ca reminder_presale:" in mistake.fix for mistake in long)
    assert ["en-us help:" in mistake.fix for mistake in broken] == [True]


@given(
    artist=NAMES,
    venue=NAMES,
    presale=st.none() | NAMES,
    locale=st.sampled_from(Locale),
    contact_link=st.sampled_from([None, CONTACT_LINK]),
    strip_accents=st.booleans(),
)
def test_every_reminder_is_one_segment_with_its_parts_whole(
    artist: str, venue: str, presale: str | None, locale: Locale, contact_link: str | None, *, strip_accents: bool
) -> None:
    """CONST-001: whatever the names are, a text fits 160 septets, and what may not be cut is whole."""
    sale = a_sale() if presale is None else a_sale(SaleKind.OTHER, presale)

    body = remind(an_event(artist, venue), sale, locale, contact_link, strip_accents=strip_accents)

    size = gsm7.inspect(body)
    assert size.encoding is gsm7.Encoding.GSM7
    assert size.units <= 160
    assert body.startswith("Ticketmaster: ")
    time = {US: "Fri, May 8 at 10:00 AM EDT", CA: "Fri, May 8 at 10:00 a.m. EDT", FR: "ven. 8 mai à 10 h 00 HAE"}
    assert time[locale] in body
    ending = f" {LINK} {OPT_OUT[locale]}" + (f". Info: {contact_link}" if contact_link else "")
    assert body.endswith(ending)
    assert not set(body) & set("\r\n\f")
    assert "http" not in body.removesuffix(ending) or "://" not in body.removesuffix(ending)
