"""Which stored sale is which offer of the source, whose presales have no ids.

A sale keeps its id while its start moves, its name is respelt, and its neighbours come and go: an id that changed
would tell every fan twice. The source's list order means nothing here.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fanfare.model.ids import EventId, SaleId
from fanfare.model.offer import Offer
from fanfare.model.sale import Sale, SaleStatus, UnscheduledReason
from fanfare.rules import sale_kinds, spelling

SENTINEL_YEAR = 2000
"""A start before this year stands for *no known start*: recorded answers of the Discovery API say 1900-01-01."""

SLUG_LENGTH_MAX = 60

NEAR_DISTANCE_MAX = 2
"""Slips between two spellings of one name, beyond those that normalising mends."""

NEAR_LENGTH_MIN = 8
"""Below this length two slips make another name."""

NEAR_LENGTH_MAX = 200
"""No presale of a year of recorded events is longer; comparing without a bound would let one event take hours."""

REOPENS_WITHIN = timedelta(days=1)
"""An open sale without a known end may still be put off by this much; later it is a second round."""

DISTANT_PAST = datetime.min.replace(tzinfo=UTC)
DISTANT_FUTURE = datetime.max.replace(tzinfo=UTC)

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One presale: what is stored of it, what the source says of it, or both."""

    sale_id: SaleId
    stored: Sale | None
    offer: Offer | None


def public_id(event_id: EventId) -> SaleId:
    """Return the id of the public sale."""
    return SaleId(f"{event_id}:public")


def start_of(offer: Offer) -> datetime | None:
    """Return the start that can be believed: none where it is undecided, unannounced, missing or a sentinel."""
    if offer.starts_at is None or why_unknown(offer):
        return None
    return offer.starts_at.astimezone(UTC)


def why_unknown(offer: Offer) -> UnscheduledReason | None:
    """Return why no start can be believed; None where one can."""
    if offer.is_tbd:
        return UnscheduledReason.START_TBD
    if offer.is_tba:
        return UnscheduledReason.START_TBA
    if offer.starts_at is None:
        return UnscheduledReason.NO_START
    return UnscheduledReason.START_SENTINEL if offer.starts_at.year < SENTINEL_YEAR else None


def has_opened(sale: Sale, now: datetime) -> bool:
    """Whether the sale opened before or at ``now``."""
    if sale.status is SaleStatus.SCHEDULED:
        return sale.starts_at is not None and sale.starts_at <= now
    return sale.unscheduled is UnscheduledReason.ALREADY_OPEN


def pair(event_id: EventId, offers: Iterable[Offer], stored: Iterable[Sale], now: datetime) -> tuple[Pair, ...]:
    """Match the presales of an event, surest first, and name those that are new; in the order of their ids.

    Same spelling and window, same name and window, same name and start, same name and end, same name in order of time,
    nearly the same name, and last a single pair of one window under another name.
    """
    # A copy of each, because one that is listed twice is two sales: what was matched is remembered by identity.
    copies = [replace(offer) for offer in sorted(offers, key=_offer_order)]
    loose = _Loose(offers=copies, sales=sorted(stored, key=lambda sale: _sale_order(sale, now)), now=now)
    pairs = [
        *loose.alike(str),
        *loose.alike(_normal),
        *loose.matched(lambda o: _if_known(o.name, start_of(o)), lambda s: _if_known(s.name, s.starts_at)),
        *loose.matched(lambda o: _if_known(o.name, o.ends_at), lambda s: _if_known(s.name, s.ends_at)),
        *loose.matched(lambda o: _normal(o.name), lambda s: _normal(s.name)),
        *loose.near(),
        *loose.renamed(),
    ]
    pairs += [Pair(sale_id=sale.sale_id, stored=sale, offer=None) for sale in loose.sales]
    pairs += _new_pairs(event_id, loose.offers, {found.sale_id for found in pairs})
    return tuple(sorted(pairs, key=lambda found: found.sale_id))


@dataclass(slots=True, kw_only=True)
class _Loose:
    """Offers and sales that are not matched yet, each in an order that the source's does not sway."""

    offers: list[Offer]
    sales: list[Sale]
    now: datetime

    def alike(self, spelt: Callable[[str], str]) -> tuple[Pair, ...]:
        """Take out sales that would be stored the same, of one name as ``spelt`` reads it."""
        standing = self.matched(
            lambda o: (spelt(o.name), start_of(o), o.ends_at, why_unknown(o)),
            lambda s: (spelt(s.name), s.starts_at, s.ends_at, s.unscheduled),
        )
        # First seen open, a sale was stored without its start; once open, it stays so when the source loses its start.
        seen_open = self.matched(
            lambda o: (spelt(o.name), (start_of(o) or DISTANT_FUTURE) <= self.now, o.ends_at),
            lambda s: (spelt(s.name), s.unscheduled is UnscheduledReason.ALREADY_OPEN or None, s.ends_at),
        )
        stays_open = self.matched(
            lambda o: (spelt(o.name), start_of(o) is None, o.ends_at),
            lambda s: (spelt(s.name), has_opened(s, self.now) or None, s.ends_at),
        )
        return standing + seen_open + stays_open

    def matched(self, offer_key: Callable[[Offer], Hashable], sale_key: Callable[[Sale], Hashable]) -> tuple[Pair, ...]:
        """Take out each sale with the first offer of the same key."""
        return self._take((s, o) for s in self.sales for o in self.offers if sale_key(s) == offer_key(o))

    def near(self) -> tuple[Pair, ...]:
        """Take out sales and offers whose names are a slip or two apart, the nearest first."""
        ways = [(apart, s, o) for s in self.sales for o in self.offers if (apart := _apart(s.name, o.name)) is not None]
        return self._take((s, o) for _, s, o in sorted(ways, key=lambda way: way[0]))

    def renamed(self) -> tuple[Pair, ...]:
        """Take out the only sale and the only offer of one window, whatever their names."""
        ways = [(s, o) for s in self.sales for o in self.offers if _window(s.starts_at, s.ends_at) == _offer_window(o)]
        return self._take(
            (s, o)
            for s, o in ways
            if s.starts_at and sum(s is sale for sale, _ in ways) == 1 == sum(o is offer for _, offer in ways)
        )

    def _take(self, ways: Iterable[tuple[Sale, Offer]]) -> tuple[Pair, ...]:
        pairs: list[Pair] = []
        taken: set[int] = set()
        for sale, offer in tuple(ways):
            if taken.isdisjoint((id(sale), id(offer))) and _may_be(sale, offer, self.now):
                pairs.append(Pair(sale_id=sale.sale_id, stored=sale, offer=offer))
                taken |= {id(sale), id(offer)}
        self.sales = [sale for sale in self.sales if id(sale) not in taken]
        self.offers = [offer for offer in self.offers if id(offer) not in taken]
        return tuple(pairs)


def _may_be(sale: Sale, offer: Offer, now: datetime) -> bool:
    """Whether the offer can be the sale at another time. What opened and opens again later is a second round."""
    start = start_of(offer)
    if start is None or start <= now or not has_opened(sale, now):
        return True
    return start < (sale.ends_at or (sale.starts_at or DISTANT_PAST) + REOPENS_WITHIN)


def _apart(one: str, other: str) -> int | None:
    """How many slips apart two names are; None where they are different names (*Night 1*, *Night 2*)."""
    one, other = _normal(one), _normal(other)
    shorter, longer = sorted((len(one), len(other)))
    if shorter < NEAR_LENGTH_MIN or longer > NEAR_LENGTH_MAX or longer - shorter > NEAR_DISTANCE_MAX:
        return None
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return None
    slips = spelling.distance(one, other, distance_max=NEAR_DISTANCE_MAX)
    return slips if slips <= NEAR_DISTANCE_MAX else None


def _new_pairs(event_id: EventId, offers: Iterable[Offer], taken: set[SaleId]) -> list[Pair]:
    taken = taken | {public_id(event_id)}
    pairs: list[Pair] = []
    for offer in offers:
        sale_id = _free_id(event_id, offer.name, taken)
        taken.add(sale_id)
        pairs.append(Pair(sale_id=sale_id, stored=None, offer=offer))
    return pairs


def _free_id(event_id: EventId, name: str, taken: set[SaleId]) -> SaleId:
    slug = _NOT_SLUG.sub("-", _normal(name)).strip("-")[:SLUG_LENGTH_MAX].rstrip("-") or "presale"
    sale_id, ordinal = SaleId(f"{event_id}:{slug}"), 1
    while sale_id in taken:
        ordinal += 1
        sale_id = SaleId(f"{event_id}:{slug}-{ordinal}")
    return sale_id


def _normal(name: str) -> str:
    return sale_kinds.normalise(name)


def _if_known(name: str, at: datetime | None) -> Hashable:
    """Return a key that equals no other where the instant is missing: two unknown ends are no sign of one sale."""
    return (_normal(name), at) if at else object()


def _window(starts_at: datetime | None, ends_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    return starts_at, ends_at


def _offer_window(offer: Offer) -> tuple[datetime | None, datetime | None]:
    return _window(start_of(offer), offer.ends_at)


def _offer_order(offer: Offer) -> tuple[object, ...]:
    """Every field counts, so that no two offers that differ change places with the list."""
    return (
        _normal(offer.name),
        start_of(offer) or DISTANT_PAST,
        offer.ends_at or DISTANT_PAST,
        offer.name,
        offer.starts_at or DISTANT_PAST,
        offer.is_tbd,
        offer.is_tba,
    )


def _sale_order(sale: Sale, now: datetime) -> tuple[bool, bool, datetime, datetime, SaleId]:
    """Living sales first, so that a returning name does not wake a cancelled one while a living one bears it."""
    return (
        sale.status is SaleStatus.CANCELLED,
        has_opened(sale, now),
        sale.starts_at or DISTANT_PAST,
        sale.ends_at or DISTANT_PAST,
        sale.sale_id,
    )
