"""Opt-ins as a caller sends them, and events to opt in for."""

from typing import Any

from fanfare.model.channel import Channel
from fanfare.model.demand import ConsentSource
from fanfare.model.ids import FanRef
from fanfare.rules import demand_rows
from fanfare.topology import opt_in_ground
from fanfare.workers import record_demands
from tests.doors.web.conftest import Stage

PHONE = "+15145550123"
EMAIL = "zoe@example.test"
OPT_IN: dict[str, Any] = {
    "fan_id": "fan-1",
    "event_id": "E1",
    "channel": "sms",
    "address": PHONE,
    "locale": "fr-ca",
    "brand": "ticketmaster",
    "zone": "America/Toronto",
    "region": "CA-QC",
    "consent_at": "2026-05-01T11:59:00Z",
    "consent_text_id": "opt-in-3",
    "consent_source": "https://shop.example.test/event",
}
BY_EMAIL = {**OPT_IN, "channel": "email", "address": EMAIL}

DISCOVERY: dict[str, Any] = {
    "id": "E1",
    "name": "Les Étoiles Filantes",
    "type": "event",
    "test": False,
    "url": "https://www.tickets.example.test/event/E1",
    "locale": "en-us",
    "dates": {
        "start": {"localDate": "2026-09-12", "dateTime": "2026-09-13T00:00:00Z"},
        "timezone": "America/Toronto",
        "status": {"code": "offsale"},
    },
    "sales": {
        "public": {"startDateTime": "2026-05-08T14:00:00Z", "endDateTime": "2026-09-13T00:00:00Z"},
        "presales": [
            {"name": "Artist Presale", "startDateTime": "2026-05-06T14:00:00Z", "endDateTime": "2026-05-07T02:00:00Z"},
            {"name": "Registration", "startDateTime": "2026-05-05T14:00:00Z", "endDateTime": "2026-05-06T02:00:00Z"},
        ],
    },
    "classifications": [{"primary": True, "segment": {"id": "KZFzniwnSyZfZ7v7nJ", "name": "Music"}}],
    "_embedded": {
        "venues": [
            {
                "id": "V1", "name": "Aréna du Nord", "timezone": "America/Toronto", "city": {"name": "Montréal"},
                "state": {"stateCode": "QC"}, "country": {"countryCode": "CA"},
            }
        ],
        "attractions": [{"id": "K1", "name": "Les Étoiles Filantes"}],
    },
}  # fmt: skip


def opt_in(stage: Stage, form: dict[str, Any] | None = None) -> FanRef:
    """Record an opt-in without the door; return the fan's ref."""
    row = {name: None if value is None else str(value) for name, value in (form or OPT_IN).items()}
    world = stage.world
    parsed = demand_rows.parse(row, now=world.clock.now(), brands=frozenset(world.brands), intake=ConsentSource.DOOR)
    assert not isinstance(parsed, demand_rows.Refused), parsed
    record_demands.run([parsed], ground=opt_in_ground(world))
    return world.demands.fan_refs([parsed.fan_id])[parsed.fan_id]


def is_opted_out(stage: Stage, channel: Channel, address: str) -> frozenset[str]:
    """The scopes in which an address has opted out."""
    (address_hash,) = stage.world.vault.hash([address])
    return stage.world.opt_outs.of(channel, [address_hash]).get(address_hash, frozenset())
