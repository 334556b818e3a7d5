"""The words of an email: a subject, a text and an HTML part that say the same.

Whatever comes from outside is cleaned to one line and, in HTML, escaped, so that a name can add neither a header nor a
tag. How it looks is email_layout's.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from fanfare.model.channel import Brand, Locale
from fanfare.model.event import Event
from fanfare.model.message import EmailMessage
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale
from fanfare.rules import email_layout, templates, wording
from fanfare.rules.email_layout import EmailWords
from fanfare.rules.templates import Mistake, MistakeReason
from fanfare.rules.wording import EVERY_BRAND, TIMED, Form, TemplateKey

VARIABLES = frozenset(
    {"brand", "artist", "venue", "city", "presale", "day", "time", "show_day", "link", "contact", "postal_address"}
)


_ENGLISH_PLACE = ("[Where: {venue}][, {city}]", "[Show: {show_day}]")
_FRENCH_PLACE = ("[Lieu : {venue}][, {city}]", "[Spectacle : {show_day}]")

_ENGLISH = {
    Form.REMINDER: EmailWords(
        subject="[{artist}: ]on sale {day} at {time}",
        heading="[{artist}]",
        lines=("Tickets go on sale {day} at {time}.", *_ENGLISH_PLACE),
        button="Go to the sale",
    ),
    Form.REMINDER_PRESALE: EmailWords(
        subject="[{artist}: ]presale[ ({presale})] {day} at {time}",
        heading="[{artist}]",
        lines=("The presale[ ({presale})] opens {day} at {time}.", *_ENGLISH_PLACE),
        button="Go to the presale",
    ),
    Form.SALE_MOVED: EmailWords(
        subject="New time: [{artist} ]on sale {day} at {time}",
        heading="[{artist}]",
        lines=("The sale[ ({presale})] has a new time: {day} at {time}.", *_ENGLISH_PLACE),
        button="Go to the sale",
    ),
    Form.SALE_CANCELLED: EmailWords(
        subject="[{artist}: ]the sale is called off",
        heading="[{artist}]",
        lines=("The sale[ ({presale})] that we told you of is called off.", *_ENGLISH_PLACE),
    ),
    Form.SALE_POSTPONED: EmailWords(
        subject="[{artist}: ]the sale is postponed",
        heading="[{artist}]",
        lines=("The sale[ ({presale})] is postponed. Its new time is not known yet.", *_ENGLISH_PLACE),
    ),
    Form.OPT_IN_CONFIRMED: EmailWords(
        subject="{brand}: we will tell you[ about {artist}]",
        heading="You are on the list",
        lines=("You will get an email before tickets[ for {artist}] go on sale.",),
    ),
    Form.OPT_OUT_CONFIRMED: EmailWords(
        subject="{brand}: you are unsubscribed",
        heading="You are unsubscribed",
        lines=("You will get no more emails about sales from {brand}.",),
    ),
    Form.START_CONFIRMED: EmailWords(
        subject="{brand}: you are subscribed again",
        heading="You are subscribed again",
        lines=("You will again get an email before the sales you asked about.",),
    ),
    Form.HELP: EmailWords(
        subject="{brand}: about these emails",
        heading="About these emails",
        lines=("{brand} writes to you before sales you asked about. You can unsubscribe below at any time.",),
    ),
}

_FRENCH = {
    Form.REMINDER: EmailWords(
        subject="[{artist} : ]en vente {day} à {time}",
        heading="[{artist}]",
        lines=("Les billets seront en vente {day} à {time}.", *_FRENCH_PLACE),
        button="Aller à la vente",
    ),
    Form.REMINDER_PRESALE: EmailWords(
        subject="[{artist} : ]prévente[ ({presale})] {day} à {time}",
        heading="[{artist}]",
        lines=("La prévente[ ({presale})] ouvrira {day} à {time}.", *_FRENCH_PLACE),
        button="Aller à la prévente",
    ),
    Form.SALE_MOVED: EmailWords(
        subject="Nouvelle heure : [{artist}, ]en vente {day} à {time}",
        heading="[{artist}]",
        lines=("La vente[ ({presale})] a une nouvelle heure : {day} à {time}.", *_FRENCH_PLACE),
        button="Aller à la vente",
    ),
    Form.SALE_CANCELLED: EmailWords(
        subject="[{artist} : ]mise en vente annulée",
        heading="[{artist}]",
        lines=("La mise en vente[ ({presale})] que nous vous avions annoncée est annulée.", *_FRENCH_PLACE),
    ),
    Form.SALE_POSTPONED: EmailWords(
        subject="[{artist} : ]mise en vente reportée",
        heading="[{artist}]",
        lines=("La mise en vente[ ({presale})] est reportée. L'heure n'est pas encore connue.", *_FRENCH_PLACE),
    ),
    Form.OPT_IN_CONFIRMED: EmailWords(
        subject="{brand} : nous vous avertirons[ pour {artist}]",
        heading="C'est noté",
        lines=("Vous recevrez un courriel avant la mise en vente des billets[ pour {artist}].",),
    ),
    Form.OPT_OUT_CONFIRMED: EmailWords(
        subject="{brand} : vous êtes désabonné",
        heading="Désabonnement fait",
        lines=("Vous ne recevrez plus de courriels de {brand} sur les mises en vente.",),
    ),
    Form.START_CONFIRMED: EmailWords(
        subject="{brand} : vous êtes de nouveau abonné",
        heading="Abonnement repris",
        lines=("Vous recevrez de nouveau un courriel avant les mises en vente demandées.",),
    ),
    Form.HELP: EmailWords(
        subject="{brand} : à propos de ces courriels",
        heading="À propos de ces courriels",
        lines=(
            "{brand} vous écrit avant les mises en vente que vous avez demandées.",
            "Vous pouvez vous désabonner ci-dessous en tout temps.",
        ),
    ),
}

DEFAULT: Mapping[TemplateKey, EmailWords] = MappingProxyType(
    {
        (EVERY_BRAND, locale, form): words
        for locale, forms in ((Locale.EN_US, _ENGLISH), (Locale.EN_CA, _ENGLISH), (Locale.FR_CA, _FRENCH))
        for form, words in forms.items()
    }
)


def compose(
    kind: MessageKind,
    *,
    brand: Brand,
    event: Event | None,
    sale: Sale | None,
    locale: Locale,
    link: str | None,
    contact_link: str | None,
    templates: Mapping[TemplateKey, EmailWords] = DEFAULT,
) -> EmailMessage:
    """Write an email. Both parts hold ``UNSUBSCRIBE_MARK`` once, except those of an opt-out's confirmation.

    ``contact_link`` stands in for the brand's contact page where it is given.

    Raises:
        ValueError: a needed event, sale or link is missing, a link is no plain web address, or a template is malformed.
    """
    form = wording.form_of(kind, sale)
    words = wording.pick(templates, DEFAULT, brand, locale, form)
    values = wording.names(brand, event, sale) | wording.instant(event, sale, locale, form)
    values |= {
        "show_day": wording.show_day(event, locale),
        "link": wording.require_link(link, form),
        "contact": wording.plain_link(contact_link or brand.contact_url),
        "postal_address": _one_line(brand.postal_address),
    }
    unsubscribes = form is not Form.OPT_OUT_CONFIRMED
    subject = email_layout.subject(words, values)
    text = email_layout.text(words, values, locale, unsubscribes=unsubscribes)
    html = email_layout.html(words, values, locale, unsubscribes=unsubscribes)
    text_hash = hashlib.sha256(f"{subject}\0{text}".encode()).hexdigest()[:16]
    return EmailMessage(subject=subject, text=text, html=html, text_hash=text_hash)


def lint(form: Form, words: EmailWords) -> tuple[Mistake, ...]:
    """Return every mistake in an email's templates for a form; each fix begins with the part that it is about."""
    parts = {"subject": words.subject, "heading": words.heading}
    parts |= {f"line {number}": line for number, line in enumerate(words.lines, start=1)}
    if words.button:
        parts["button"] = words.button
    mistakes = [
        replace(mistake, fix=f"{part}: {mistake.fix}")
        for part, template in parts.items()
        for mistake in templates.lint(template, VARIABLES)
    ]
    return (*mistakes, *_missing(form, words))


def _missing(form: Form, words: EmailWords) -> Iterator[Mistake]:
    if form not in TIMED:
        return
    said = templates.parse("\n".join(words.lines)).names(optional=False)
    for name in sorted({"day", "time"} - said):
        yield Mistake(place=0, reason=MistakeReason.MISSING_VARIABLE, fix=f"lines: Add {{{name}}}.")
    if not words.button:
        yield Mistake(place=0, reason=MistakeReason.EMPTY, fix="button: Name the link to buy.")


def _one_line(address: str) -> str:
    return ", ".join(filter(None, map(templates.clean, address.splitlines())))
