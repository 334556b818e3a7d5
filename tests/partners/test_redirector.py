from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.ids import EventId
from fanfare.partners.redirector import ALPHABET, CODE_LENGTH_MAX, CODE_LENGTH_MIN, Redirector, code_of
from fanfare.ports.faults import Conflict, Permanent
from fanfare.ports.links import Redirect, Redirects, Shortener

EVENT = EventId("G5dExAmPlE01")
LONG = "https://www.ticketmaster.ca/event/3100EXAMPLE01"


class Table:
    """The redirects, as the port promises them."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[EventId, str]] = {}

    def put(self, code: str, event_id: EventId, target_url: str) -> None:
        if self.rows.get(code, (event_id, ""))[0] != event_id:
            raise Conflict(code)
        self.rows[code] = (event_id, target_url)

    def get(self, code: str) -> Redirect | None:
        row = self.rows.get(code)
        return Redirect(code=code, event_id=row[0], target_url=row[1]) if row else None

    def clicked(self, code: str, at: datetime) -> None:
        raise NotImplementedError

    def clicks(self, event_id: EventId) -> int:
        raise NotImplementedError


def shortener(redirects: Redirects) -> Shortener:
    return Redirector(base_url="https://fans.example/", redirects=redirects)


def test_a_link_leads_to_the_events_page() -> None:
    table = Table()
    link = shortener(table).shorten(EVENT, LONG)

    code = link.removeprefix("https://fans.example/")
    assert len(code) == CODE_LENGTH_MIN
    assert table.get(code) == Redirect(code=code, event_id=EVENT, target_url=LONG)


def test_the_same_event_keeps_its_link_when_its_page_moves() -> None:
    table = Table()
    first = shortener(table).shorten(EVENT, LONG)

    assert shortener(table).shorten(EVENT, "https://www.livenation.com/x") == first
    assert list(table.rows.values()) == [(EVENT, "https://www.livenation.com/x")]


def test_a_code_that_another_event_has_gets_longer() -> None:
    table = Table()
    for length in (CODE_LENGTH_MIN, CODE_LENGTH_MIN + 1):
        table.put(code_of(EVENT)[:length], EventId("other"), LONG)

    link = shortener(table).shorten(EVENT, LONG)

    assert link.removeprefix("https://fans.example/") == code_of(EVENT)[: CODE_LENGTH_MIN + 2]


def test_an_event_without_any_free_code_is_told() -> None:
    table = Table()
    for length in range(CODE_LENGTH_MIN, CODE_LENGTH_MAX + 1):
        table.put(code_of(EVENT)[:length], EventId("other"), LONG)

    with pytest.raises(Permanent):
        shortener(table).shorten(EVENT, LONG)


@pytest.mark.parametrize("url", ["", "/x", "javascript:alert(1)", "ftp://a.test/"])
def test_a_link_leads_to_the_web_only(url: str) -> None:
    table = Table()
    with pytest.raises(Permanent):
        shortener(table).shorten(EVENT, url)

    assert not table.rows


@given(st.text(max_size=30))
def test_a_code_is_made_of_letters_that_nobody_confuses(event_id: str) -> None:
    code = code_of(EventId(event_id))

    assert len(code) == CODE_LENGTH_MAX
    assert set(code) <= set(ALPHABET)
    assert not set("0O1Il") & set(ALPHABET)


def test_codes_of_many_events_differ() -> None:
    assert len({code_of(EventId(f"G5d{n}"))[:CODE_LENGTH_MIN] for n in range(20_000)}) == 20_000
