"""Why a whole sale gets no reminders (REQ-005, FLOW-4); docs/reference/reasons.md lists the reasons."""

from datetime import datetime

from fanfare.model.event import Event
from fanfare.model.sale import Sale, SaleKind, SuppressionReason
from fanfare.rules import sale_kinds
from fanfare.rules.policy import UNDEFINED_CATEGORY, ReminderPolicy, Suppressions

NOTHING = Suppressions()


def reason(
    event: Event,
    sale: Sale,
    policy: ReminderPolicy,
    brand: str | None = None,
    *,
    public_starts_at: datetime | None = None,
) -> SuppressionReason | None:
    """Return why the sale gets no reminders, or None where it gets them.

    Without a brand it answers what holds for all of them, and is stored on the sale. With a brand it answers only what
    holds for that one, to be asked at generation of a sale that is not suppressed. An event is outside the countries
    or categories only when it is known to be: without a country, or with no category or *Undefined*, the fans who
    asked for it are told, because a gap in the source is no reason to leave them out.

    ``public_starts_at`` is when the public sale of the event opens, where that is known: a presale that does not open
    before it is a package offer that lasts, not a presale (51 of 248 recorded windows).
    """
    if brand is not None:
        return _listed(event, sale, policy.suppressed_by_brand.get(brand, NOTHING))
    return (
        _of_event(event, policy)
        or _listed(event, sale, policy.suppressed)
        or _not_before_public(sale, public_starts_at)
    )


def _of_event(event: Event, policy: ReminderPolicy) -> SuppressionReason | None:
    if event.is_test:
        return SuppressionReason.TEST_EVENT
    if event.is_resale:
        return SuppressionReason.RESALE
    if event.country_code and policy.countries and event.country_code not in policy.countries:
        return SuppressionReason.COUNTRY
    if _is_outside(event.category_id, policy.category_ids):
        return SuppressionReason.CATEGORY
    return None


def _is_outside(category_id: str | None, allowed: tuple[str, ...]) -> bool:
    return bool(allowed) and category_id not in (None, "", UNDEFINED_CATEGORY, *allowed)


def _listed(event: Event, sale: Sale, listed: Suppressions) -> SuppressionReason | None:
    if _plays(event, listed.artists):
        return SuppressionReason.ARTIST
    if sale.kind in listed.kinds:
        return SuppressionReason.SALE_KIND
    if _says(f"{sale.name}\n{event.name}", listed.keywords):
        return SuppressionReason.KEYWORD
    return None


def _plays(event: Event, artists: frozenset[str]) -> bool:
    """Whether the headliner is listed. A festival is not silenced for one of its forty acts."""
    if not artists:
        return False
    by_id = bool(event.attractions) and event.attractions[0].attraction_id in artists
    return by_id or sale_kinds.normalise(event.artist) in {sale_kinds.normalise(artist) for artist in artists}


def _says(text: str, keywords: tuple[str, ...]) -> bool:
    normal = sale_kinds.normalise(text)
    return any(word in normal for word in map(sale_kinds.normalise, keywords) if word)


def _not_before_public(sale: Sale, public_starts_at: datetime | None) -> SuppressionReason | None:
    if sale.kind is SaleKind.PUBLIC or sale.starts_at is None or public_starts_at is None:
        return None
    return SuppressionReason.NOT_BEFORE_PUBLIC if sale.starts_at >= public_starts_at else None
