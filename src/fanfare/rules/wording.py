"""What every channel's words have in common: which form a message takes, and the facts it may name."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from fanfare.model.channel import Brand, Locale
from fanfare.model.event import Event
from fanfare.model.notification import MessageKind
from fanfare.model.sale import Sale, SaleKind, SaleStatus
from fanfare.rules import locales, templates

EVERY_BRAND = "*"
"""Stands for the brand in the key of a template that all brands use."""


class Form(StrEnum):
    """A kind of message as it is worded: some kinds have more than one wording."""

    REMINDER = "reminder"
    REMINDER_PRESALE = "reminder_presale"
    SALE_MOVED = "sale_moved"
    SALE_CANCELLED = "sale_cancelled"
    SALE_POSTPONED = "sale_postponed"
    """The sale has no opening instant any more."""
    OPT_IN_CONFIRMED = "opt_in_confirmed"
    OPT_OUT_CONFIRMED = "opt_out_confirmed"
    START_CONFIRMED = "start_confirmed"
    HELP = "help"


TemplateKey = tuple[str, Locale, Form]
"""Brand key or ``EVERY_BRAND``, locale, form."""

_Words = TypeVar("_Words")

_CHANGED = {
    SaleStatus.SCHEDULED: Form.SALE_MOVED,
    SaleStatus.CANCELLED: Form.SALE_CANCELLED,
    SaleStatus.UNSCHEDULED: Form.SALE_POSTPONED,
}

TIMED = frozenset({Form.REMINDER, Form.REMINDER_PRESALE, Form.SALE_MOVED})
"""Forms that tell an opening instant, and so need a sale that has one, its event, and a link."""


def form_of(kind: MessageKind, sale: Sale | None) -> Form:
    """Return the form that a message of a kind takes.

    Raises:
        ValueError: a message about a sale without its sale.
    """
    if kind not in {MessageKind.REMINDER, MessageKind.SALE_CHANGED}:
        return Form(kind.value)
    if sale is None:
        raise ValueError(f"a message of kind {kind} needs its sale")
    if kind is MessageKind.SALE_CHANGED:
        return _CHANGED[sale.status]
    return Form.REMINDER if sale.kind is SaleKind.PUBLIC else Form.REMINDER_PRESALE


def pick(
    overrides: Mapping[TemplateKey, _Words],
    defaults: Mapping[TemplateKey, _Words],
    brand: Brand,
    locale: Locale,
    form: Form,
) -> _Words:
    """Return the brand's own words, else the operator's for every brand, else the default."""
    own, everyone = (brand.key, locale, form), (EVERY_BRAND, locale, form)
    for words in (overrides.get(own), overrides.get(everyone), defaults.get(own)):
        if words is not None:
            return words
    return defaults[everyone]


def names(brand: Brand, event: Event | None, sale: Sale | None) -> dict[str, str]:
    """Return the names a message may hold, each cleaned; empty where there is none.

    The presale's name is given for presales only (REQ-002).
    """
    venue = event.venue if event else None
    presale = sale.name if sale and sale.kind is not SaleKind.PUBLIC else ""
    raw = {
        "brand": brand.name,
        "artist": event.artist if event else "",
        "venue": venue.name if venue else "",
        "city": (venue.city if venue else "") or "",
        "presale": presale,
    }
    return {name: templates.clean(value) for name, value in raw.items()}


def instant(event: Event | None, sale: Sale | None, locale: Locale, form: Form) -> dict[str, str]:
    """Return the opening's day and time as printed; empty where the form tells none.

    Raises:
        ValueError: the form tells an instant that event and sale do not give.
    """
    if form not in TIMED:
        return {"day": "", "time": ""}
    if event is None or sale is None or sale.starts_at is None:
        raise ValueError(f"a message of form {form} needs its event and a sale with an opening instant")
    zone = locales.event_zone(event)
    return {
        "day": locales.sale_day(sale.starts_at, zone, locale),
        "time": locales.sale_time(sale.starts_at, zone, locale),
    }


def show_day(event: Event | None, locale: Locale) -> str:
    """Return the day of the event itself, written out; empty when unknown."""
    if event is None or event.local_date is None:
        return ""
    try:
        return locales.full_day(date.fromisoformat(event.local_date), locale)
    except ValueError:
        return ""


def require_link(link: str | None, form: Form) -> str:
    """Return the link, or an empty text where the form can do without.

    Raises:
        ValueError: the form needs a link, or the link is no plain web address.
    """
    if not link:
        if form in TIMED:
            raise ValueError(f"a message of form {form} needs a link")
        return ""
    return plain_link(link)


def plain_link(link: str) -> str:
    """Return a web address that is safe to print and to click: http(s), visible ASCII, no quotes or brackets.

    Raises:
        ValueError: it is not.
    """
    unfit = not link.startswith(("https://", "http://")) or not link.isascii() or not link.isprintable()
    if unfit or any(character in link for character in " \"'<>`\\{}[]"):
        raise ValueError("a link must be a plain http(s) address")
    return link
