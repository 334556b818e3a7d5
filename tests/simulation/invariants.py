"""What must hold after every seed, read off the store and the provider's own ledger."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from fanfare.model.ids import EventId, FanId
from fanfare.model.notification import Notification
from fanfare.model.sale import Sale
from fanfare.topology import World
from tests.simulation.provider import ModelProvider

CALL_SECONDS = timedelta(seconds=5)
"""How long after its intent a call may still begin."""


class Seen(Protocol):
    """What is looked at of a night."""

    plain: World
    provider: ModelProvider
    stops: dict[str, datetime]
    latest: dict[EventId, datetime]


def violations(night: Seen) -> list[str]:
    """Return every violation in words; none is the only good answer."""
    rows = _rows(night)
    return [
        *_sent_twice(night),
        *_sent_after_the_opening(night),
        *_sent_after_a_stop(night),
        *_not_at_rest(rows),
        *_tried_too_often(rows),
        *_left_out(night, rows),
    ]


def _rows(night: Seen) -> list[Notification]:
    refs = night.plain.demands.fan_refs([FanId(f"fan-{number}") for number in range(1, 60)])
    return [row for ref in refs.values() for row in night.plain.notifications.of_fan(ref, 1000)]


def _sent_twice(night: Seen) -> list[str]:
    taken: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for each in night.provider.ledger:
        taken[each.to, each.body].append(each.at)
    found: list[str] = []
    for text, instants in taken.items():
        failed = sorted(night.provider.failed.get(text, []))
        for former, again in pairwise(instants):
            if not any(former <= at <= again for at in failed):
                found.append(f"sent twice: at {former} and {again}, and no report said that the first had failed")
    return found


def _sent_after_the_opening(night: Seen) -> list[str]:
    last = max(night.latest.values())
    return [f"sent at {each.at}, after every opening" for each in night.provider.ledger if each.at >= last]


def _sent_after_a_stop(night: Seen) -> list[str]:
    return [
        f"sent at {each.at}, after the STOP of {night.stops[each.to]}"
        for each in night.provider.ledger
        if each.to in night.stops and each.at > night.stops[each.to] + CALL_SECONDS
    ]


def _not_at_rest(rows: list[Notification]) -> list[str]:
    return [f"row {row.notification_id} rests as {row.state}({row.reason})" for row in rows if not row.is_ended]


def _tried_too_often(rows: list[Notification]) -> list[str]:
    return [f"row {row.notification_id} had {row.attempts} attempts" for row in rows if row.attempts > 3]


def _left_out(night: Seen, rows: list[Notification]) -> list[str]:
    """Every fan who demanded an event has a row for its sale, where the sale was ever to open after generation."""
    have = {(row.fan_ref, row.occasion.name) for row in rows}
    found: list[str] = []
    for event in night.plain.events.page(None, 100):
        for sale in night.plain.sales.of_event(event.event_id):
            if sale.frozen_at is None:
                continue
            page = night.plain.demands.page(f"event:{event.event_id}", after=None, limit=1000)
            found += [
                f"fan {ref} has no row for {sale.sale_id}"
                for ref, recorded in zip(page.fan_refs, page.recorded_ms, strict=True)
                if (ref, sale.sale_id) not in have and _was_in_time(sale, recorded)
            ]
    return found


def _was_in_time(sale: Sale, recorded_ms: int) -> bool:
    return sale.starts_at is not None and recorded_ms / 1000 < sale.starts_at.timestamp() - 300
