"""The two writes that decide what a fan gets: the intent before a call, and every move after it.

Both compare version and state with what the caller saw, inside the transaction that writes; a row that moved on is
left alone. Rows are written in the order of their ids: another order costs twelve times as much in a large table.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from fanfare.engines.embedded import changes
from fanfare.engines.embedded.database import Row, Tx, integers
from fanfare.engines.embedded.sql import statement
from fanfare.model.notification import EDGES, ENDS, Reason, State
from fanfare.ports.notifications import Intents, Transitions

_INTEND_STORED = statement("notifications.intend/stored")
_INTEND = statement("notifications.intend")
_MOVE_STORED = statement("notifications.move/stored")
_MOVE = statement("notifications.move")
_ACCEPT = statement("notifications.move/acceptance")


def check_edges(transitions: Transitions) -> None:
    """Refuse a batch with a move that no edge allows.

    Raises:
        ValueError: a defect of the caller.
    """
    for old, new in set(zip(transitions.old_states, transitions.new_states, strict=True)):
        if new not in EDGES[old]:
            raise ValueError(f"no edge leads from {old} to {new}")


def intend(tx: Tx, intents: Intents) -> tuple[int | None, ...]:
    """Count an attempt for each row that still may be sent; return its fence token, or None."""
    columns = zip(intents.ids, intents.versions, intents.sale_revisions, intents.opt_out_binds, strict=True)
    asked = sorted(columns, key=itemgetter(0))
    stored = _by_id(tx, _INTEND_STORED, [ask[0] for ask in asked])
    tokens = {
        row_id: version + 1
        for row_id, version, revision, binds in asked
        if _may_be_sent(stored.get(row_id), (version, revision), binds=binds, now_ms=intents.queued_ms)
    }
    text_hashes = dict(zip(intents.ids, intents.text_hashes, strict=True))
    attempt = (intents.queued_ms, intents.queued_monotonic, intents.queued_series, intents.wake_ms)
    tx.run_many(_INTEND, [(row_id, text_hashes[row_id], *attempt) for row_id in tokens])
    if tokens:
        changes.append_notifications(tx, tokens, State.TRIGGERED, intents.queued_ms)
    return tuple(tokens.pop(row_id, None) for row_id in intents.ids)


def move(tx: Tx, transitions: Transitions) -> tuple[int, ...]:
    """Move the rows that stand as stated; remember every id that a provider gave, whether its row moved or not."""
    stored = _by_id(tx, _MOVE_STORED, sorted(set(transitions.ids)))
    _remember_acceptances(tx, transitions, stored)
    moves = [
        place
        for place in _first_places(transitions.ids)
        if (row := stored.get(transitions.ids[place]))
        and row[1:3] == (transitions.versions[place], transitions.old_states[place])
    ]
    moves.sort(key=lambda place: transitions.ids[place])
    tx.run_many(_MOVE, _move_bindings(transitions, moves))
    by_state = sorted((transitions.old_states[place], transitions.ids[place]) for place in moves)
    for old_state, group in groupby(by_state, key=itemgetter(0)):
        changes.append_notifications(tx, [row_id for _, row_id in group], old_state, transitions.at_ms)
    return tuple(transitions.ids[place] for place in moves)


def _may_be_sent(row: Row | None, seen: tuple[int, int | None], *, binds: bool, now_ms: int) -> bool:
    if row is None:
        return False
    _, version, state, row_revision, sale_revision, cut_off_ms, is_opted_out, is_forgotten = row
    version_seen, revision = seen
    is_as_seen = version == version_seen and state == State.TRIGGERED
    is_in_time = cut_off_ms is None or now_ms < cut_off_ms
    is_true = row_revision == sale_revision == revision
    return is_as_seen and is_in_time and is_true and not is_forgotten and not (binds and is_opted_out)


def _by_id(tx: Tx, sql: str, ids: Sequence[int]) -> dict[int, Row]:
    return {row[0]: row for row in tx.rows(sql, (integers(ids),))} if ids else {}


def _first_places(ids: Sequence[int]) -> list[int]:
    """Return where each id stands first: a row that is named twice in a batch moves once."""
    places: dict[int, int] = {}
    for place, row_id in enumerate(ids):
        places.setdefault(row_id, place)
    return list(places.values())


def _remember_acceptances(tx: Tx, transitions: Transitions, stored: dict[int, Row]) -> None:
    if transitions.provider_ids is None:
        return
    accepted = [
        (provider_id, row_id, _attempt(stored[row_id], version))
        for provider_id, row_id, version in zip(
            transitions.provider_ids, transitions.ids, transitions.versions, strict=True
        )
        if provider_id is not None and row_id in stored
    ]
    tx.run_many(_ACCEPT, sorted(accepted))


def _attempt(row: Row, version: int) -> int:
    """Return which attempt a fence token belongs to: the latest, or (written too late) the one before."""
    _, _, _, attempts, queued_version = row
    return attempts if queued_version is None or version >= queued_version else attempts - 1


def _move_bindings(transitions: Transitions, places: Sequence[int]) -> list[Row]:
    nothing: Sequence[Any] = (None,) * len(transitions.ids)
    provider_ids = transitions.provider_ids or nothing
    codes = transitions.provider_codes or nothing
    ended = transitions.ended_ms or nothing
    look_ups = transitions.look_ups or nothing
    resents = transitions.resents or nothing
    untried = transitions.untried or nothing
    return [
        (
            transitions.ids[place],
            transitions.new_states[place],
            transitions.reasons[place],
            transitions.wake_ms[place],
            *_instants(transitions, place, ended[place]),
            transitions.provider,
            provider_ids[place],
            codes[place],
            look_ups[place],
            resents[place],
            untried[place],
        )
        for place in places
    ]


def _instants(transitions: Transitions, place: int, ended_ms: int | None) -> tuple[int | None, int | None]:
    """Return when the row was sent and when it ended, as far as this move says."""
    new_state = transitions.new_states[place]
    is_sent = new_state is State.SENT and transitions.old_states[place] is not State.SENT
    is_end = new_state in ENDS or transitions.reasons[place] is Reason.NO_REPORT
    return transitions.at_ms if is_sent else None, (ended_ms or transitions.at_ms) if is_end else None
