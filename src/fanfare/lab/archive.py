"""The texts that the provider took, found again by sid or by number."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fanfare.lab import forms
from fanfare.lab.http import Exchange
from fanfare.lab.messages import Message, resource
from fanfare.lab.sms_form import NOT_FOUND

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 1000


class Archive:
    """Texts of this run of the lab; an earlier run's are only in the ledger, which holds no words to show."""

    def __init__(self, account_sid: str) -> None:
        self._account_sid = account_sid
        self._by_sid: dict[str, Message] = {}
        self._by_number: dict[str, list[Message]] = {}

    def keep(self, message: Message) -> None:
        """Add a text."""
        self._by_sid[message.sid] = message
        self._by_number.setdefault(message.to, []).append(message)

    def show(self, exchange: Exchange) -> None:
        """Answer `GET .../Messages/{sid}.json`."""
        message = self._by_sid.get(exchange.values["sid"])
        if message is None:
            NOT_FOUND.answer(exchange)
        else:
            exchange.json(200, resource(message, self._account_sid))

    def look_up(self, exchange: Exchange) -> None:
        """Answer `GET .../Messages.json?To=&From=&DateSent>=&PageSize=&Page=`, the newest first."""
        asked = forms.parse(exchange.query)
        found = self._find(asked)
        size = max(1, min(forms.whole_number(asked, "PageSize", PAGE_SIZE_DEFAULT), PAGE_SIZE_MAX))
        page = forms.whole_number(asked, "Page", 0)
        shown = found[page * size : (page + 1) * size]
        path = f"/2010-04-01/Accounts/{self._account_sid}/Messages.json"
        query = exchange.query.decode("latin-1")
        more = (page + 1) * size < len(found)
        exchange.json(
            200,
            {
                "messages": [resource(message, self._account_sid) for message in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": max(page * size + len(shown) - 1, 0),
                "uri": f"{path}?{query}",
                "first_page_uri": f"{path}?PageSize={size}&Page=0",
                "previous_page_uri": None if page == 0 else f"{path}?{query}&Page={page - 1}",
                "next_page_uri": f"{path}?{query}&Page={page + 1}" if more else None,
            },
        )

    def _find(self, asked: dict[str, str]) -> list[Message]:
        number = asked.get("To")
        chosen = self._by_number.get(number, []) if number else list(self._by_sid.values())
        wanted = _wanted(asked)
        return [message for message in reversed(chosen) if all(want(message) for want in wanted)]


def _wanted(asked: dict[str, str]) -> list[Callable[[Message], bool]]:
    wanted: list[Callable[[Message], bool]] = []
    if sender := asked.get("From"):
        wanted.append(lambda message: message.sender == sender)
    # `DateSent>=X` reaches us as the name `DateSent>`; some encode the whole operator into the name.
    if since := asked.get("DateSent>") or asked.get("DateSent>="):
        from_seconds = _day_start(since)
        wanted.append(lambda message: _sent_at(message) >= from_seconds)
    if until := asked.get("DateSent<") or asked.get("DateSent<="):
        end_seconds = _day_end(until)
        wanted.append(lambda message: _sent_at(message) < end_seconds)
    if day := asked.get("DateSent"):
        start_seconds, stop_seconds = _day_start(day), _day_end(day)
        wanted.append(lambda message: start_seconds <= _sent_at(message) < stop_seconds)
    return wanted


def _sent_at(message: Message) -> float:
    return message.created_at if message.sent_at is None else message.sent_at


def _day_start(text: str) -> float:
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _day_end(text: str) -> float:
    """Return the first second behind a day, or behind the second of an instant."""
    length = timedelta(days=1) if len(text) == len("2026-05-08") else timedelta(seconds=1)
    return _day_start(text) + length.total_seconds()
