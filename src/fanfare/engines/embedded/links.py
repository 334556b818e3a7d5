"""Our own redirector's table."""

from datetime import datetime

from fanfare.engines.embedded.database import Database, Tx
from fanfare.engines.embedded.sql import statement
from fanfare.model.ids import EventId
from fanfare.ports.faults import Conflict
from fanfare.ports.links import Redirect

_STORED = statement("links.put/stored")
_PUT = statement("links.put")
_GET = statement("links.get")
_CLICKED = statement("links.clicked")
_CLICKS = statement("links.clicks")


class Redirects:
    """The redirects of one store."""

    def __init__(self, database: Database) -> None:
        """Keep them in this file."""
        self._database = database

    def put(self, code: str, event_id: EventId, target_url: str) -> None:
        """Store a code or its new target; Conflict when the code belongs to another event."""

        def work(tx: Tx) -> None:
            stored = tx.rows(_STORED, (code,))
            if stored and stored[0][0] != event_id:
                raise Conflict(f"code {code} belongs to event {stored[0][0]}")
            tx.run(_PUT, (code, event_id, target_url))

        self._database.write(work)

    def get(self, code: str) -> Redirect | None:
        """Return the redirect of a code."""
        row = self._database.row(_GET, (code,))
        return Redirect(code=row[0], event_id=EventId(row[1]), target_url=row[2], clicks=row[3]) if row else None

    def clicked(self, code: str, at: datetime) -> None:  # noqa: ARG002 - another engine counts by day
        """Count one click by a person."""
        self._database.change(_CLICKED, (code,), durable=False)

    def clicks(self, event_id: EventId) -> int:
        """Return the clicks on an event's links."""
        return int(self._database.value(_CLICKS, (event_id,)))
