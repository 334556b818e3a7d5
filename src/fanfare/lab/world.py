"""The world behind the stage: a whole night of on-sales and its fans, or nothing at all."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from fanfare.lab import clock
from fanfare.lab.ledger import address_hash
from fanfare.lab.night_events import compose
from fanfare.lab.night_fans import Fan, fans
from fanfare.lab.night_shows import SHOWS, TRAPS, TURNS, Show

COLUMNS = (
    *("fan_id", "event_id", "attraction_id", "channel", "address", "locale", "brand", "zone", "region"),
    *("consent_at", "consent_text_id", "consent_source", "sale_id"),
)


class World:
    """Fans and events. Nothing in it, unless it is a night."""

    def __init__(self, *, seed: int = 0, fan_count: int = 0, start_seconds: float = 0.0) -> None:
        self._start_seconds = start_seconds
        self._fans = tuple(fans(seed=seed, count=fan_count, start_seconds=start_seconds))
        self._shows = (*SHOWS, *TRAPS) if fan_count else ()
        self._by_email: dict[str, Fan] = {}

    def events(self) -> Iterator[bytes]:
        """Yield the events as Discovery shows them when the night begins."""
        for show in self._shows:
            yield self._event(show)

    def plan_turns(self, stage_clock: clock.Clock, put: Callable[[bytes], object]) -> None:
        """Plan that Discovery moves one sale and withdraws one presale during the night."""
        for turn in TURNS if self._shows else ():
            event = self._event(turn.show)
            stage_clock.at(self._start_seconds + turn.at_minutes * 60, lambda event=event: put(event))

    def plan(self) -> Iterator[tuple[str, str]]:
        """Yield who (by address hash) is to be told of which event."""
        for fan in self._fans:
            for _, address in fan.addresses:
                hashed = address_hash(address)
                for show in fan.shows:
                    yield hashed, show.id

    def demands_csv(self) -> bytes:
        """Return the demands file: a row per fan, event and channel."""
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(COLUMNS)
        for fan in self._fans:
            rows.writerows(_rows(fan))
        return text.getvalue().encode()

    def summary(self) -> dict[str, object]:
        """Return the night in numbers."""
        per_event = Counter(show.id for fan in self._fans for show in fan.shows)
        return {
            "start_at": clock.iso(self._start_seconds),
            "fans": len(self._fans),
            "demand_rows": sum(len(fan.shows) * len(fan.addresses) for fan in self._fans),
            "channels": Counter("+".join(channel for channel, _ in fan.addresses) for fan in self._fans),
            "without_consent": sum(fan.consent_seconds is None for fan in self._fans),
            "events": [_event_summary(show, per_event[show.id]) for show in self._shows],
            "turns": [
                {"event_id": turn.show.id, "at": clock.iso(self._start_seconds + turn.at_minutes * 60)}
                for turn in (TURNS if self._shows else ())
            ],
        }

    def account(self, id_or_email: str) -> dict[str, object] | None:
        """Return a fan's account, by fan id or by email."""
        fan = self._by_address(id_or_email) if "@" in id_or_email else self._by_id(id_or_email)
        return None if fan is None else _account(fan, self._start_seconds)

    def _event(self, show: Show) -> bytes:
        return msgspec.json.encode(compose(show, self._start_seconds))

    def _by_id(self, fan_id: str) -> Fan | None:
        number = fan_id.removeprefix("fan_")
        if not number.isdecimal() or not 0 < int(number) <= len(self._fans):
            return None
        return self._fans[int(number) - 1]

    def _by_address(self, email: str) -> Fan | None:
        if not self._by_email:
            self._by_email = {fan.email: fan for fan in self._fans if fan.email}
        return self._by_email.get(email)


class Plan:
    """Which events were planned for whom; addresses are hashed on arrival."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._events: dict[str, tuple[str, ...]] = {}
        for to_hash, event_id in pairs:
            self.add(to_hash, event_id)

    def add(self, to_hash: str, event_id: str) -> None:
        """Plan an event for an address hash."""
        planned = self._events.get(to_hash, ())
        if event_id not in planned:
            self._events[to_hash] = (*planned, event_id)

    def events_for(self, to_hash: str) -> tuple[str, ...]:
        """Return the ids of the events planned for an address hash."""
        return self._events.get(to_hash, ())


def _rows(fan: Fan) -> Iterator[tuple[str, ...]]:
    where = (fan.place.zone, fan.place.region) if fan.has_region else ("", "")
    for channel, address in fan.addresses:
        consent = _consent(fan, channel)
        for show in fan.shows:
            who = (fan.fan_id, show.id, "", channel, address, fan.locale, fan.brand)
            yield (*who, *where, *consent, "")  # no sale_id: the fan waits for all sales of the event


def _consent(fan: Fan, channel: str) -> tuple[str, str, str]:
    if fan.consent_seconds is None:
        return ("", "", "")
    return (clock.iso(fan.consent_seconds), f"{channel}-2025-{fan.locale[:2]}", fan.consent_source)


def _event_summary(show: Show, fan_count: int) -> dict[str, object]:
    return {
        "event_id": show.id,
        "name": show.name,
        "city": show.city,
        "public_minutes": show.public_minutes,
        "presale_minutes": [offer.start_minutes for offer in show.offers],
        "trap": show.trap,
        "fans": fan_count,
    }


def _account(fan: Fan, start_seconds: float) -> dict[str, object]:
    given, _, family = fan.email.partition("@")[0].partition(".")
    agreed = fan.consent_seconds is not None
    agreed_at = clock.iso(fan.consent_seconds) if fan.consent_seconds is not None else None
    source = fan.consent_source if agreed else None
    return {
        "accountId": fan.fan_id,
        "status": "active",
        "email": fan.email or None,
        "emailVerified": bool(fan.email),
        "phoneNumber": fan.phone or None,
        "phoneVerified": bool(fan.phone),
        "givenName": given.title() or None,
        "familyName": family.partition(".")[0].title() or None,
        "locale": fan.locale,
        "zoneInfo": fan.place.zone,
        "countryCode": fan.place.country,
        "postalCode": fan.place.postal_code,
        "marketingConsent": {
            channel: {"optedIn": agreed and bool(address), "at": agreed_at, "source": source}
            for channel, address in (("sms", fan.phone), ("email", fan.email))
        },
        "updatedAt": agreed_at or clock.iso(start_seconds),
    }
