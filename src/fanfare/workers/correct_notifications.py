"""Correct what fans were told and is false now, for brands that want it.

Arrives: a sale that moved, was called off or lost its date. Leaves: one ``sale_changed`` row for each fan whom a
message of an older revision reached; unsent corrections of an older revision say what is true now. May fail: Transient
when the store is out of reach. Repeating it changes nothing.
Original name: none.
"""

from collections.abc import Iterable

from fanfare.model.channel import Brand
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Occasion, OccasionKind, State
from fanfare.model.sale import Sale
from fanfare.ports.clock import Clock
from fanfare.ports.notifications import NewNotifications, Notifications
from fanfare.rules import kinds

PAGE_MAX = 5000
"""Rows written in one batch."""


def run(sale: Sale, *, notifications: Notifications, brands: Iterable[Brand], clock: Clock) -> int:
    """Write one correction to each fan who was told something now false; return how many were new."""
    speaking = {brand.key for brand in brands if brand.sale_changed}
    if not speaking or sale.revision == 1:
        return 0
    now = clock.now()
    written = 0
    opens_at = sale.starts_at if sale.is_notifiable else None
    cut_off_ms = to_ms(kinds.cut_off_at(MessageKind.SALE_CHANGED, made_at=now, opens_at=opens_at))
    while notifications.replan(
        sale.sale_id, revision=sale.revision, send_ms=to_ms(now), wake_ms=to_ms(now), cut_off_ms=cut_off_ms, at=now,
        limit=PAGE_MAX, kind=MessageKind.SALE_CHANGED,
    ):  # fmt: skip
        pass
    after: int | None = None
    while told := notifications.told(sale.sale_id, sale.revision, after, PAGE_MAX):
        rows = [i for i, brand in enumerate(told.brands) if brand in speaking]
        if rows:
            written += notifications.put(
                NewNotifications(
                    occasion=Occasion(kind=OccasionKind.SALE, name=sale.sale_id),
                    kind=MessageKind.SALE_CHANGED,
                    sale_id=sale.sale_id,
                    sale_revision=sale.revision,
                    send_ms=to_ms(now),
                    cut_off_ms=cut_off_ms,
                    late=False,
                    fan_refs=[told.fan_refs[i] for i in rows],
                    contact_ids=[told.contact_ids[i] for i in rows],
                    channels=[told.channels[i] for i in rows],
                    brands=[told.brands[i] for i in rows],
                    senders=[told.senders[i] for i in rows],
                    locales=[told.locales[i] for i in rows],
                    states=[State.CREATED] * len(rows),
                    reasons=[None] * len(rows),
                    wake_ms=[to_ms(now)] * len(rows),
                ),
                now,
            )
        after = told.ids[-1]
    return written
