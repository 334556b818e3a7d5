"""Opt-in rows: one that is taken, and one for every way of being refused."""

import csv
import io
import json
from collections.abc import Iterable

from fanfare.rules.demand_rows import FIELDS

Row = dict[str, str]

GOOD: Row = {
    "fan_id": "fan-1",
    "event_id": "G5dExAmPlE01",
    "attraction_id": "",
    "channel": "sms",
    "address": "+12125550123",
    "locale": "en-us",
    "brand": "ticketmaster",
    "zone": "America/New_York",
    "region": "US-NY",
    "consent_at": "2026-05-01T14:00:00Z",
    "consent_text_id": "sms-2026-01",
    "consent_source": "web",
    "sale_id": "",
}


def row(**parts: str) -> Row:
    """Return the good row with some cells changed."""
    return GOOD | parts


def refused_rows() -> dict[str, Row]:
    """Return a row for each field that can be wrong, by the field that the refusal must name."""
    wrong = {
        "fan_id": row(fan_id="fan@example.com"),
        "event_id": row(event_id="", attraction_id=""),
        "sale_id": row(sale_id="OtherEvent:public"),
        "channel": row(channel="fax"),
        "address": row(address="+442071838750"),
        "locale": row(locale="de-de"),
        "brand": row(brand="nobody"),
        "zone": row(zone="Mars/Olympus"),
        "region": row(region="California"),
        "consent_at": row(consent_at="2026-05-01 14:00"),
        "consent_text_id": row(consent_text_id=""),
        "consent_source": row(consent_source=""),
    }
    return {field: found | ({"fan_id": f"fan-{field}"} if field != "fan_id" else {}) for field, found in wrong.items()}


def as_csv(rows: Iterable[Row], header: Iterable[str] = FIELDS, *, end: str = "\n") -> str:
    """Return a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(header), lineterminator=end, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_ndjson(rows: Iterable[Row]) -> str:
    """Return an NDJSON file."""
    return "".join(json.dumps(each) + "\n" for each in rows)
