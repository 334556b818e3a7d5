"""The words of an email: a subject, a text and an HTML part that say the same.

Whatever comes from outside is cleaned to one line and, in HTML, escaped, so that a name can neither add a header nor a
tag. No pictures, nothing loaded from elsewhere. Colours follow the reader's light or dark setting.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from fanfare.model.channel import Brand, Locale
from fanfare.model.event import Event
from fanfare.model.message import UNSUBSCRIBE_MARK, EmailMessage
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale
from fanfare.rules import templates, wording
from fanfare.rules.templates import Mistake, MistakeReason
from fanfare.rules.wording import EVERY_BRAND, TIMED, Form, TemplateKey

SUBJECT_CHARACTERS_MAX = 120
"""Clients show 40 to 70 characters; a header line may hold 998 octets (RFC 5322)."""

VARIABLES = frozenset(
    {"brand", "artist", "venue", "city", "presale", "day", "time", "show_day", "link", "contact", "postal_address"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailWords:
    """The templates of one email; a line whose brackets leave nothing is left out."""

    subject: str
    heading: str
    lines: tuple[str, ...] = ()
    button: str = ""
    """Label of the link to buy; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foot:
    reason: str
    unsubscribe: str
    contact: str


_LANG = {Locale.EN_US: "en-US", Locale.EN_CA: "en-CA", Locale.FR_CA: "fr-CA"}

_ENGLISH_FOOT = _Foot(
    reason="You get this because you asked {brand} to tell you.",
    unsubscribe="Unsubscribe",
    contact="Contact {brand}",
)
_FRENCH_FOOT = _Foot(
    reason="Vous recevez ce courriel parce que vous avez demandé à {brand} de vous avertir.",
    unsubscribe="Se désabonner",
    contact="Joindre {brand}",
)
_FOOT = {Locale.EN_US: _ENGLISH_FOOT, Locale.EN_CA: _ENGLISH_FOOT, Locale.FR_CA: _FRENCH_FOOT}

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

_TIMED_NEEDS = ("day", "time")

_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{margin:0;padding:0;background:#fff;color:#1c1c1e}"
    ".sheet{max-width:560px;margin:0 auto;padding:32px 20px;"
    "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    ".brand{margin:0 0 24px;font-size:14px;color:#5c5c61}"
    "h1{margin:0 0 16px;font-size:26px;line-height:1.25;overflow-wrap:anywhere}"
    "p{margin:0 0 12px;overflow-wrap:anywhere}"
    ".button{display:inline-block;margin:12px 0 4px;padding:14px 26px;border-radius:8px;"
    "background:#0a58ca;color:#fff;font-weight:600;text-decoration:none}"
    ".foot{margin-top:32px;padding-top:16px;border-top:1px solid #d1d1d6;font-size:13px;color:#5c5c61}"
    ".foot a{color:inherit}"
    "@media (prefers-color-scheme:dark){body{background:#1c1c1e;color:#f2f2f7}"
    ".brand,.foot{color:#aeaeb2}.foot{border-color:#48484a}.button{background:#8ab4f8;color:#10131a}}"
)

# Word, which shows mail in Outlook for Windows, knows neither max-width nor padding on links: only it sees the table.
_HTML = """<!doctype html>
<html lang="{lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>{style}</style>
</head>
<body>
<!--[if mso]><table role="presentation" width="560" align="center"><tr><td><![endif]-->
<div class="sheet" role="article" aria-roledescription="email" lang="{lang}">
<p class="brand">{brand}</p>
{parts}
<div class="foot">
{foot}
</div>
</div>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""


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
    letter = _Letter(words=words, foot=_FOOT[locale], values=values, unsubscribes=form is not Form.OPT_OUT_CONFIRMED)
    subject, text, html = letter.subject(), letter.text(), letter.html(_LANG[locale])
    text_hash = hashlib.sha256(f"{subject}\0{text}".encode()).hexdigest()[:16]
    return EmailMessage(subject=subject, text=text, html=html, text_hash=text_hash)
