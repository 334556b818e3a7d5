"""The night's fans: who they are, what they wait for, and what they agreed to. All made from the seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from fanfare.lab.night_places import FAR_WEST, HOMES, PLACES, Place
from fanfare.lab.night_shows import SHOWS, TRAPS, Show

_EXCHANGES = tuple(n for n in range(200, 1000) if n % 100 != 11 and n != 555)  # N11 and 555 are no fans' phones
_NUMBERS = len(_EXCHANGES) * 10_000
_STRIDE = 3_860_911  # prime, so that walking by it meets every number of an area code once
_GIVEN = ("zoe", "liam", "noah", "emma", "leo", "jade", "alice", "samir", "ines", "kai", "omar", "ruth")
_FAMILY = ("tremblay", "roy", "nguyen", "singh", "garcia", "chen", "okafor", "cote", "haddad", "kim", "lopez")
_DOMAINS = ("example.test", "mail.example.test", "courriel.example.test")
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """A fan with one or more demands. `consent_seconds` is None for one who never agreed."""

    fan_id: str
    phone: str
    email: str
    locale: str
    brand: str
    place: Place
    has_region: bool
    shows: tuple[Show, ...]
    consent_seconds: int | None
    consent_source: str

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Return pairs of channel and address."""
        return tuple(pair for pair in (("sms", self.phone), ("email", self.email)) if pair[1])


class Phones:
    """Hands out numbers of an area code, none of them twice."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def next(self, area_code: str) -> str:
        """Return an E.164 number that was not given before."""
        nth = self._given.get(area_code, 0)
        self._given[area_code] = nth + 1
        exchange, line = divmod((nth + 1) * _STRIDE % _NUMBERS, 10_000)
        return f"+1{area_code}{_EXCHANGES[exchange]}{line:04d}"


def fans(*, seed: int, count: int, start_seconds: float) -> Iterator[Fan]:
    """Yield the fans of a night: about 88 in 100 by SMS only, 8 by email only, 4 by both.

    One in a thousand shares the phone of the fan before, and waits for the same show.
    """
    dice = random.Random(seed)
    draw = _Draw(dice, start_seconds)
    before: Fan | None = None
    for number in range(1, count + 1):
        shared = before if before is not None and before.phone and dice.random() < 0.001 else None
        before = draw.fan(number, shared)
        yield before


class _Draw:
    def __init__(self, dice: random.Random, start_seconds: float) -> None:
        self._dice = dice
        self._start_seconds = int(start_seconds)
        self._phones = Phones()
        self._shows = (*SHOWS, *TRAPS)
        self._weights = list(accumulate(show.weight for show in self._shows))

    def fan(self, number: int, shared: Fan | None) -> Fan:
        """Return the fan of that number."""
        dice = self._dice
        shows = shared.shows if shared else self._wished()
        place = shared.place if shared else self._home(shows[0])
        channel = dice.random()
        return Fan(
            fan_id=f"fan_{number:06d}",
            phone=self._phone(place, shared) if channel < 0.92 else "",
            email=self._email(number) if channel >= 0.88 else "",
            locale=self._locale(place),
            brand=shows[0].brand if dice.random() < 0.9 else "ticketmaster",
            place=place,
            has_region=dice.random() >= 0.005,
            shows=shows,
            consent_seconds=self._consent() if dice.random() >= 0.01 else None,
            consent_source=dice.choice(("web", "app", "checkout")),
        )

    def _wished(self) -> tuple[Show, ...]:
        how_many = 1 if self._dice.random() < 0.92 else self._dice.choice((2, 2, 2, 3))
        wished = self._dice.choices(self._shows, cum_weights=self._weights, k=how_many)
        return tuple(dict.fromkeys(wished))

    def _home(self, show: Show) -> Place:
        luck = self._dice.random()
        if luck < 0.0006:
            return self._dice.choice(FAR_WEST)
        near = PLACES[show.city]
        return near if luck < 0.75 and near.area_codes else self._dice.choice(HOMES)

    def _phone(self, place: Place, shared: Fan | None) -> str:
        return shared.phone if shared else self._phones.next(self._dice.choice(place.area_codes))

    def _email(self, number: int) -> str:
        name = f"{self._dice.choice(_GIVEN)}.{self._dice.choice(_FAMILY)}"
        return f"{name}.{number:06d}@{self._dice.choice(_DOMAINS)}"

    def _locale(self, place: Place) -> str:
        if place.country != "CA":
            return "en-us"
        return "fr-ca" if self._dice.random() < (0.8 if place.is_french else 0.03) else "en-ca"

    def _consent(self) -> int:
        return self._start_seconds - self._dice.randrange(7 * _DAY, 500 * _DAY)
