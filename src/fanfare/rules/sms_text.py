"""The words of a text message: always GSM-7, always one segment (CONST-001).

What never gives way: brand, day, time, link, the words on how to stop, and the brand's contact link where there is one.
The rest gives way in this order: artist shortened, venue, presale name; then the venue goes, then the presale name,
then the artist.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from fanfare.model.channel import Brand, Locale
from fanfare.model.event import Event
from fanfare.model.ids import EventId, SaleId
from fanfare.model.message import SmsMessage
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.rules import gsm7, templates, wording
from fanfare.rules.templates import Mistake, MistakeReason
from fanfare.rules.wording import EVERY_BRAND, TIMED, Form, TemplateKey

CUT = ("artist", "venue", "city", "presale")
"""Variables that may be shortened or dropped, in the order in which they give way."""

ALWAYS = ("brand", "day", "time", "link", "opt_out", "terms")
VARIABLES = frozenset({*ALWAYS, *CUT, "contact"})

OPT_OUT = MappingProxyType(
    {
        Locale.EN_US: "Reply STOP to end",
        Locale.EN_CA: "Reply STOP to end",
        Locale.FR_CA: "Rép. ARRET pour annuler",
    }
)

TERMS = MappingProxyType(
    {
        Locale.EN_US: "Msg freq varies. Msg & data rates may apply. HELP for help.",
        Locale.EN_CA: "Msg freq varies. Msg & data rates may apply. HELP for help.",
        Locale.FR_CA: "Fréq. variable. Frais msg/données possibles. AIDE: aide.",
    }
)
"""What CTIA's handbook wants in the first message beside brand, purpose and how to stop."""

_REQUIRED: dict[Form, frozenset[str]] = {
    **dict.fromkeys(TIMED, frozenset({"brand", "day", "time", "link", "opt_out"})),
    Form.SALE_CANCELLED: frozenset({"brand", "opt_out"}),
    Form.SALE_POSTPONED: frozenset({"brand", "opt_out"}),
    Form.OPT_IN_CONFIRMED: frozenset({"brand", "terms", "opt_out"}),
    Form.OPT_OUT_CONFIRMED: frozenset({"brand"}),
    Form.START_CONFIRMED: frozenset({"brand", "terms", "opt_out"}),
    Form.HELP: frozenset({"brand", "opt_out"}),
}

# The contact link stands last: a full stop after it would become part of it on some phones.
_BUY_AND_STOP = "{link} {opt_out}[. Info: {contact}]"
_STOP = "{opt_out}[. Info: {contact}]"

_ENGLISH = {
    Form.REMINDER: "{brand}: [{artist} ]on sale {day} at {time}[, {venue}]. " + _BUY_AND_STOP,
    Form.REMINDER_PRESALE: "{brand}: [{artist} ]presale[ ({presale})] {day} at {time}[, {venue}]. " + _BUY_AND_STOP,
    Form.SALE_MOVED: (
        "{brand}: New time:[ {artist}][ ({presale})] on sale {day} at {time}[, {venue}]. " + _BUY_AND_STOP
    ),
    Form.SALE_CANCELLED: "{brand}: Sale called off[: {artist}][ ({presale})][, {venue}]. " + _STOP,
    Form.SALE_POSTPONED: (
        "{brand}: Sale postponed, new time not known yet[: {artist}][ ({presale})][, {venue}]. " + _STOP
    ),
    Form.OPT_IN_CONFIRMED: "{brand}: On-sale alerts[ for {artist}]. {terms} " + _STOP,
    Form.OPT_OUT_CONFIRMED: "{brand}: You are unsubscribed, no more texts. Reply START to resume[. Info: {contact}]",
    Form.START_CONFIRMED: "{brand}: On-sale alerts resumed. {terms} " + _STOP,
    Form.HELP: "{brand}: On-sale alerts you asked for. Msg & data rates may apply. " + _STOP,
}

_FRENCH = {
    Form.REMINDER: "{brand}: [{artist}, ]en vente {day} à {time}[, {venue}]. " + _BUY_AND_STOP,
    Form.REMINDER_PRESALE: "{brand}: [{artist}, ]prévente[ ({presale})] {day} à {time}[, {venue}]. " + _BUY_AND_STOP,
    Form.SALE_MOVED: (
        "{brand}: Nouvelle heure:[ {artist}][ ({presale})] en vente {day} à {time}[, {venue}]. " + _BUY_AND_STOP
    ),
    Form.SALE_CANCELLED: "{brand}: Mise en vente annulée[: {artist}][ ({presale})][, {venue}]. " + _STOP,
    Form.SALE_POSTPONED: (
        "{brand}: Mise en vente reportée, heure à venir[: {artist}][ ({presale})][, {venue}]. " + _STOP
    ),
    Form.OPT_IN_CONFIRMED: "{brand}: Alertes de vente[, {artist}]. {terms} " + _STOP,
    Form.OPT_OUT_CONFIRMED: (
        "{brand}: Désabonnement fait, plus aucun texto. Rép. START pour reprendre[. Info: {contact}]"
    ),
    Form.START_CONFIRMED: "{brand}: Alertes reprises. {terms} " + _STOP,
    Form.HELP: "{brand}: Alertes de vente demandées. Frais de msg possibles. " + _STOP,
}

DEFAULT: Mapping[TemplateKey, str] = MappingProxyType(
    {
        (EVERY_BRAND, locale, form): template
        for locale, forms in ((Locale.EN_US, _ENGLISH), (Locale.EN_CA, _ENGLISH), (Locale.FR_CA, _FRENCH))
        for form, template in forms.items()
    }
)

# Four letters of zone, two digits of day, the longest names of days and months: "mer. 30 sept. à 22 h 30 HAAK".
_WIDEST_EVENT = Event(event_id=EventId("rehearsal"), name="Rehearsal", url=None, timezone="America/Anchorage")
_WIDEST_SALE = Sale(
    sale_id=SaleId("rehearsal:public"),
    event_id=EventId("rehearsal"),
    kind=SaleKind.PUBLIC,
    name="",
    status=SaleStatus.SCHEDULED,
    starts_at=datetime(2026, 10, 1, 6, 30, tzinfo=UTC),
)

# Each step: what is left out, and how far the rest may be shortened, in septets. 20 still tell artists apart; the
# last steps keep any name at all.
_LADDER: tuple[tuple[frozenset[str], dict[str, int]], ...] = (
    (frozenset(), {"artist": 20, "venue": 12, "city": 12, "presale": 12}),
    (frozenset({"venue", "city"}), {"artist": 20, "presale": 12}),
    (frozenset({"venue", "city", "presale"}), {"artist": 5}),
    (frozenset(CUT), {}),
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
    templates: Mapping[TemplateKey, str] = DEFAULT,
    strip_accents: bool = False,
) -> SmsMessage:
    """Write a text of at most 160 septets.

    ``link`` is the short link to buy. ``contact_link`` is given for fans in Canada and then never cut; the answer to
    HELP always names the brand's contact page. ``strip_accents`` removes every accent from English texts; French ones
    keep theirs.

    Raises:
        ValueError: the parts that may not be cut are longer than a segment alone, a needed event, sale or link is
            missing, or the template is malformed.
    """
    form = wording.form_of(kind, sale)
    strip = strip_accents and locale is not Locale.FR_CA
    template = gsm7.fold(wording.pick(templates, DEFAULT, brand, locale, form), strip_accents=strip)
    named = wording.names(brand, event, sale) | wording.instant(event, sale, locale, form)
    values = {name: _folded(value, strip=strip) for name, value in named.items()}
    contact = contact_link or (brand.contact_url if form is Form.HELP else None)
    values |= {
        "opt_out": OPT_OUT[locale],
        "terms": TERMS[locale],
        "link": wording.require_link(link, form),
        "contact": wording.plain_link(contact) if contact else "",
    }
    body = _fitted(template, values)
    return SmsMessage(body=body, segments=1, text_hash=hashlib.sha256(body.encode()).hexdigest()[:16])


def lint(form: Form, template: str) -> tuple[Mistake, ...]:
    """Return every mistake in a template for a form: those of its language, and those against what a text must say."""
    mistakes = templates.lint(template, VARIABLES)
    if any(mistake.reason is MistakeReason.EMPTY for mistake in mistakes):
        return mistakes
    parsed = templates.parse(template)
    outside, inside = parsed.names(optional=False), parsed.names(optional=True)
    return (
        *mistakes,
        *(_whole(MistakeReason.NOT_OPTIONAL, f"Write [{{{n}}}].") for n in CUT if n in outside),
        *(_whole(MistakeReason.NOT_ALWAYS, f"Take {{{n}}} out.") for n in sorted(_REQUIRED[form] & inside - outside)),
        *(_whole(MistakeReason.MISSING_VARIABLE, f"Add {{{n}}}.") for n in sorted(_missing(form, outside | inside))),
    )


def rehearse(
    brand: Brand,
    *,
    link: str,
    contact_link: str | None,
    templates: Mapping[TemplateKey, str] = DEFAULT,
) -> tuple[Mistake, ...]:
    """Return what would not fit or not render for a brand, in every locale and form, on the widest of days.

    ``link`` is any link as long as they get. For the start of a server and the linting of templates, so that nobody
    learns it minutes before a sale.
    """
    mistakes: list[Mistake] = []
    for locale in Locale:
        for kind, sale in _rehearsals():
            form = wording.form_of(kind, sale)
            try:
                compose(
                    kind,
                    brand=brand,
                    event=_WIDEST_EVENT,
                    sale=sale,
                    locale=locale,
                    link=link,
                    contact_link=contact_link,
                    templates=templates,
                )
            except ValueError as error:
                mistakes.append(_whole(MistakeReason.TOO_LONG, f"{locale} {form}: {error}"))
    return tuple(mistakes)


def _rehearsals() -> Iterator[tuple[MessageKind, Sale]]:
    presale = replace(_WIDEST_SALE, kind=SaleKind.OTHER)
    for kind in MessageKind:
        yield kind, _WIDEST_SALE
    yield MessageKind.REMINDER, presale
    for status in (SaleStatus.CANCELLED, SaleStatus.UNSCHEDULED):
        yield MessageKind.SALE_CHANGED, replace(presale, status=status)


def _missing(form: Form, named: frozenset[str]) -> frozenset[str]:
    return (_REQUIRED[form] | {"contact"}) - named


def _whole(reason: MistakeReason, fix: str) -> Mistake:
    return Mistake(place=0, reason=reason, fix=fix)


def _folded(value: str, *, strip: bool) -> str:
    """Fold a value. Folding can join what stood apart into an address (``evil<emoji>.com``), so it is defused again."""
    return templates.defuse(gsm7.fold(value, strip_accents=strip)).strip()


def _fitted(template: str, values: Mapping[str, str]) -> str:
    excess = 0
    for dropped, floors in _LADDER:
        tried = {name: "" if name in dropped else value for name, value in values.items()}
        body = _shortened(template, tried, floors)
        excess = gsm7.septets(body) - gsm7.SINGLE_SEPTETS_MAX
        if excess <= 0:
            return body
    raise ValueError(f"text is {excess} septets too long without any name: shorten the template, brand name or links")


def _shortened(template: str, values: dict[str, str], floors: Mapping[str, int]) -> str:
    """Render, shortening one value after another as far as is needed and its floor allows."""
    body = _rendered(template, values)
    for name, floor in floors.items():
        excess = gsm7.septets(body) - gsm7.SINGLE_SEPTETS_MAX
        if excess <= 0:
            break
        values[name] = _cut(values[name], max(gsm7.septets(values[name]) - excess, floor))
        body = _rendered(template, values)
    return body


def _rendered(template: str, values: Mapping[str, str]) -> str:
    """Render; where a name's ``...`` meets the template's full stop, three dots are enough."""
    return templates.render(template, values).replace(".... ", "... ")


def _cut(value: str, septets_max: int) -> str:
    """Cut a folded value; every character of GSM-7 is a grapheme of its own."""
    if gsm7.septets(value) <= septets_max:
        return value
    end = room = septets_max - len("...")
    while gsm7.septets(value[:end]) > room:
        end -= 1
    # A cut can make an address of a name (evil.commerce), so what is left is defused too; that never lengthens it.
    return templates.defuse(value[:end]).rstrip(" ,;:.-") + "..."
