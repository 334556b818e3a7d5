"""Notifications: put if absent, released, moved under their version. Every write appends its changes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from fanfare.engines.embedded import changes, notification_moves, notification_rows
from fanfare.engines.embedded.database import Database, Row, Tx, integers
from fanfare.engines.embedded.instants import maybe_at
from fanfare.engines.embedded.sql import statement
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash, FanRef, NotificationId, SaleId, SenderName
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Notification, Occasion, OccasionKind, Reason, State
from fanfare.ports.faults import Permanent
from fanfare.ports.notifications import DueLane, DueRows, Intents, NewNotifications, ReportedRows, Totals, Transitions

NO_SALE = 0
ANSWERS = frozenset({MessageKind.OPT_OUT_CONFIRMED, MessageKind.START_CONFIRMED, MessageKind.HELP})
"""Kinds that answer a fan's own text; an opt-out does not bind them."""

_OCCASION = statement("notifications.occasion")
_OCCASION_KEY = statement("notifications.occasion_key")
_SALE_KEY = statement("notifications.sale_key")
_CLAIM = statement("notifications.claim")
_HOLDER = statement("notifications.claim/holder")
_LAST_ID = statement("notifications.last_id")
_PUT = statement("notifications.put")
_NEW_IDS = statement("notifications.new_ids")
_LANES_NEXT = statement("notifications.lanes/next")
_LANES_COUNT = statement("notifications.lanes/count")
_LANES_WAKE = statement("notifications.lanes/wake")
_TRIGGER_FIND = statement("notifications.trigger/find")
_TRIGGER = statement("notifications.trigger")
_TRIGGERED = statement("notifications.triggered")
_TO_SEND = statement("notifications.to_send")
_OPTED_OUT = statement("notifications.opted_out")
_DUE = {
    State.QUEUED: statement("notifications.due/queued"),
    State.SENT: statement("notifications.due/sent"),
    State.UNCONFIRMED: statement("notifications.due/unconfirmed"),
}
_DUE_UNSENT = statement("notifications.due/unsent")
_SENDERS = statement("notifications.due/senders")
_DUE_TRIGGERED = statement("notifications.due/triggered")
_REPLAN_FIND = statement("notifications.replan/find")
_REPLAN = statement("notifications.replan")
_CLOSE_FIND = statement("notifications.close/find")
_CLOSE_FAN_FIND = statement("notifications.close_fan/find")
_CLOSE = statement("notifications.close")
_TOLD = statement("notifications.told")
_TOTALS = statement("notifications.totals")
_UNSENT = statement("notifications.unsent")
_NEXT_WAKE = statement("notifications.next_wake_at")
_LAST_SENT = statement("notifications.last_sent_at")
_OF_FAN = statement("notifications.of_fan")
_OF_SALE_FAN = statement("notifications.of_sale_fan")


class Notifications:
    """The notifications of one store."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def claim(
        self, occasion: Occasion, kind: MessageKind, channels: Sequence[str], hashes: Sequence[AddressHash],
        fan_refs: Sequence[FanRef],
    ) -> tuple[FanRef, ...]:  # fmt: skip
        """Put address -> fan if absent; return who holds each."""
        addresses = list(zip(channels, hashes, strict=True))
        return self._database.write(lambda tx: _claim(tx, occasion, kind, addresses, fan_refs))

    def put(self, rows: NewNotifications, at: datetime) -> int:
        """Put rows whose identity is absent; return how many were new.

        Raises:
            Permanent: the sale is not known, or rows of a sale have another occasion.
        """
        if (rows.sale_id is None) is (rows.occasion.kind is OccasionKind.SALE):
            raise Permanent(f"occasion {rows.occasion} does not go with sale {rows.sale_id}")
        return self._database.write(lambda tx: _put(tx, rows, to_ms(at)))

    def lanes(self, now: datetime, limit: int) -> tuple[DueLane, ...]:
        """Return the lanes with CREATED rows due, each counted up to ``limit``."""

        def work(tx: Tx) -> list[DueLane]:
            due = (to_ms(now), limit)
            counted = [(lane, tx.rows(_LANES_COUNT, (*lane, *due))[0]) for lane in _lanes(tx)]
            return [DueLane(sender=lane[0], due=count, sale_id=sale_id) for lane, (count, sale_id) in counted if count]

        return tuple(self._database.read(work))

    def trigger(
        self, sender: SenderName, sale_id: SaleId | None, *, revision: int | None, now: datetime, limit: int
    ) -> int:
        """Move up to ``limit`` due CREATED rows of a lane and revision to TRIGGERED; return how many."""
        at_ms = to_ms(now)

        def work(tx: Tx) -> int:
            lane = (sender, _sale_key(tx, sale_id), at_ms, revision, limit)
            ids = sorted(row[0] for row in tx.rows(_TRIGGER_FIND, lane))
            if ids:
                tx.run(_TRIGGER, (integers(ids), at_ms))
                changes.append_notifications(tx, ids, State.CREATED, at_ms)
            return len(ids)

        return self._database.write(work)

    def triggered(self, sender: SenderName, limit: int) -> int:
        """Return how many rows are TRIGGERED on the sender, counted up to ``limit``."""
        return int(self._database.value(_TRIGGERED, (sender, limit)))

    def to_send(self, sender: SenderName, now: datetime, limit: int) -> DueRows:
        """Return TRIGGERED rows of the sender, oldest first."""
        bindings = (sender, to_ms(now), limit)
        return self._due_rows(lambda tx: [row[0] for row in tx.rows(_TO_SEND, bindings)])

    def intend(self, intents: Intents) -> tuple[int | None, ...]:
        """Record an attempt for each row that still may be sent; durable when this returns."""
        return self._database.write(lambda tx: notification_moves.intend(tx, intents))

    def opted_out(self, ids: Sequence[int]) -> frozenset[int]:
        """Return which of the rows have an address with a recorded opt-out that binds them."""
        if not ids:
            return frozenset()
        return frozenset(row[0] for row in self._database.rows(_OPTED_OUT, (integers(ids),)))

    def move(self, transitions: Transitions) -> tuple[int, ...]:
        """Move rows that still have the stated version and state; return the ids that moved.

        Losing it in a power cut leaves rows QUEUED, whose outcome is then found out: no flush is waited for.

        Raises:
            ValueError: no edge allows one of the moves.
        """
        notification_moves.check_edges(transitions)
        return self._database.write(lambda tx: notification_moves.move(tx, transitions), durable=False)

    def due(self, states: Sequence[State], now: datetime, limit: int) -> DueRows:
        """Return rows in the states with ``wake_at <= now``, earliest first."""

        def find(tx: Tx) -> list[int]:
            found = [row for state in states for row in _due(tx, state, to_ms(now), limit)]
            return notification_rows.earliest(found, limit)

        return self._due_rows(find)

    def replan(
        self, sale_id: SaleId, *, revision: int, send_ms: int, wake_ms: int, cut_off_ms: int, at: datetime, limit: int,
        kind: MessageKind = MessageKind.REMINDER,
    ) -> int:  # fmt: skip
        """Give unsent rows of one kind and an older revision the new times; they become CREATED."""

        def work(tx: Tx) -> int:
            found = tx.rows(_REPLAN_FIND, (_occasion_of(tx, sale_id), revision, limit, kind))
            return _update(tx, found, _REPLAN, (revision, send_ms, wake_ms, cut_off_ms), to_ms(at))

        return self._database.write(work)

    def close(
        self, sale_id: SaleId, state: State, reason: Reason, at: datetime, limit: int,
        *, kind: MessageKind = MessageKind.REMINDER,
    ) -> int:  # fmt: skip
        """End unsent rows of a sale, those of one kind; return how many."""

        def work(tx: Tx) -> int:
            found = tx.rows(_CLOSE_FIND, (_occasion_of(tx, sale_id), kind, limit))
            return _update(tx, found, _CLOSE, (state, reason, to_ms(at)), to_ms(at))

        return self._database.write(work)

    def close_fan(
        self, fan_ref: FanRef, channel: Channel | None, state: State, reason: Reason, at: datetime,
        *, brand: str | None = None,
    ) -> int:  # fmt: skip
        """End the unsent rows of one fan, except answers to the fan's own texts; return how many."""

        def work(tx: Tx) -> int:
            found = tx.rows(_CLOSE_FAN_FIND, (fan_ref, channel, brand))
            bound = [row[:2] for row in found if row[2] not in ANSWERS]
            return _update(tx, bound, _CLOSE, (state, reason, to_ms(at)), to_ms(at))

        return self._database.write(work)

    def reported(self, references: Sequence[tuple[int, int] | str]) -> ReportedRows:
        """Return the rows behind references, in their order."""
        return self._database.read(lambda tx: notification_rows.reported_rows(tx, references))

    def of_fan(self, fan_ref: FanRef, limit: int) -> tuple[Notification, ...]:
        """Return a fan's rows, newest first."""
        return self._records(_OF_FAN, (fan_ref, limit))

    def of_sale_fan(self, sale_id: SaleId, fan_ref: FanRef) -> tuple[Notification, ...]:
        """Return a fan's rows for one sale."""
        return self._records(_OF_SALE_FAN, (self._occasion_key(sale_id), fan_ref))

    def told(self, sale_id: SaleId, revision_before: int, after: int | None, limit: int) -> DueRows:
        """Return sent reminders of older revisions, in the order of ids after ``after``."""
        bindings = (self._occasion_key(sale_id), revision_before, after or 0, limit)
        return self._due_rows(lambda tx: [row[0] for row in tx.rows(_TOLD, bindings)])

    def totals(self, sale_id: SaleId | None) -> Totals:
        """Count the rows of a sale, or of all."""
        key = None if sale_id is None else self._occasion_key(sale_id)
        rows = self._database.rows(_TOTALS, (key,))
        return Totals(
            by_state=_sums(rows, 0),
            by_reason=_sums(rows, 1),
            accepted=sum(row[3] for row in rows),
            late=sum(row[4] for row in rows),
        )

    def unsent(self, sale_id: SaleId) -> dict[SenderName, int]:
        """Return how many CREATED and TRIGGERED rows a sale has by sender."""
        rows = self._database.rows(_UNSENT, (self._occasion_key(sale_id),))
        return {SenderName(row[0]): row[1] for row in rows}

    def next_wake_at(self) -> datetime | None:
        """Return the earliest ``wake_at`` of any live row."""

        def work(tx: Tx) -> list[int | None]:
            waiting = [tx.value(_LANES_WAKE, lane) for lane in _lanes(tx)]
            return [*waiting, tx.value(_NEXT_WAKE)]

        return maybe_at(min((ms for ms in self._database.read(work) if ms is not None), default=None))

    def last_sent_at(self) -> datetime | None:
        """Return when the provider last accepted a reminder or a correction; looks at every row."""
        return maybe_at(self._database.value(_LAST_SENT))

    def get(self, notification_id: NotificationId) -> Notification | None:
        """Return one row."""
        found = notification_rows.notifications(self._database, (notification_id,))
        return found[0] if found else None

    def _due_rows(self, find: Callable[[Tx], list[int]]) -> DueRows:
        return self._database.read(lambda tx: notification_rows.due_rows(tx, find(tx)))

    def _records(self, sql: str, bindings: Row) -> tuple[Notification, ...]:
        return notification_rows.notifications(self._database, [row[0] for row in self._database.rows(sql, bindings)])

    def _occasion_key(self, sale_id: SaleId) -> int:
        return int(self._database.value(_OCCASION_KEY, (OccasionKind.SALE, sale_id)) or NO_SALE)


def _claim(
    tx: Tx, occasion: Occasion, kind: MessageKind, addresses: Sequence[tuple[str, AddressHash]],
    fan_refs: Sequence[FanRef],
) -> tuple[FanRef, ...]:  # fmt: skip
    key = _intern(tx, occasion)
    claims = [(key, kind, *address, fan_ref) for address, fan_ref in zip(addresses, fan_refs, strict=True)]
    # In the order of the hashes, so that a batch touches each page of the table once. Ties: the first asked wins.
    if tx.run_many(_CLAIM, sorted(claims, key=itemgetter(2, 3))) == len(claims):
        return tuple(fan_refs)
    return tuple(FanRef(row[0]) for row in tx.rows_of(_HOLDER, [claim[:4] for claim in claims]))


def _put(tx: Tx, rows: NewNotifications, at_ms: int) -> int:
    sale_key = _sale_key(tx, rows.sale_id)
    occasion_key = _intern(tx, rows.occasion)
    fixed = (occasion_key, rows.kind, sale_key, rows.sale_revision, rows.send_ms, rows.cut_off_ms, rows.late, at_ms)
    last_id = tx.value(_LAST_ID)
    columns = (rows.fan_refs, rows.contact_ids, rows.channels, rows.brands, rows.senders, rows.locales)
    ended = [at_ms if state is State.SUPPRESSED else None for state in rows.states]
    by_fan = sorted(zip(*columns, rows.states, rows.reasons, rows.wake_ms, ended, strict=True), key=itemgetter(0))
    new = tx.run_many(_PUT, [(*fixed, *row) for row in by_fan])
    if new:
        changes.append_notifications(tx, [row[0] for row in tx.rows(_NEW_IDS, (last_id,))], None, at_ms)
    return new


def _intern(tx: Tx, occasion: Occasion) -> int:
    tx.run(_OCCASION, (occasion.kind, occasion.name))
    return tx.value(_OCCASION_KEY, (occasion.kind, occasion.name))


def _occasion_of(tx: Tx, sale_id: SaleId) -> int | None:
    found = tx.rows(_OCCASION_KEY, (OccasionKind.SALE, sale_id))
    return found[0][0] if found else None


def _sale_key(tx: Tx, sale_id: SaleId | None) -> int:
    if sale_id is None:
        return NO_SALE
    found = tx.rows(_SALE_KEY, (sale_id,))
    if not found:
        raise Permanent(f"sale {sale_id} is not known")
    return found[0][0]


def _lanes(tx: Tx) -> Iterable[tuple[SenderName, int]]:
    """Return (sender, sale key) of each lane that has CREATED rows."""
    lane: Row = ("", -1)
    while found := tx.rows(_LANES_NEXT, lane):
        lane = found[0]
        yield SenderName(lane[0]), lane[1]


def _due(tx: Tx, state: State, now_ms: int, limit: int) -> list[Row]:
    """Return (id, wake_ms) of due rows in one state, from the index that holds that state."""
    if state in _DUE:
        return tx.rows(_DUE[state], (now_ms, limit))
    if state is State.CREATED:
        lanes = _lanes(tx)
        return [row for lane in lanes for row in tx.rows(_DUE_UNSENT, (now_ms, limit, *lane))]
    if state is State.TRIGGERED:
        senders = tx.rows(_SENDERS)
        return [row for sender in senders for row in tx.rows(_DUE_TRIGGERED, (now_ms, limit, *sender))]
    return []


def _update(tx: Tx, found: Sequence[Row], sql: str, values: Row, at_ms: int) -> int:
    """Run a set-wise update over (id, state) rows, and append a change to each."""
    for old_state, group in groupby(sorted(found, key=itemgetter(1, 0)), key=itemgetter(1)):
        ids = [row[0] for row in group]
        tx.run(sql, (integers(ids), *values))
        changes.append_notifications(tx, ids, old_state, at_ms)
    return len(found)


def _sums(rows: Iterable[Row], column: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row[column]] = sums.get(row[column], 0) + row[2]
    return sums
