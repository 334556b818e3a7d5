import json
import logging
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from fanfare.model.ids import EventId
from fanfare.partners.bitly import Bitly, BitlyConfig
from fanfare.partners.http import Http, HttpConfig
from fanfare.ports.faults import Permanent, Transient
from fanfare.ports.links import Shortener
from tests.partners.raw_server import RawServer, Script, answering, resetting, serving
from tests.partners.real_clock import RealClock

EVENT = EventId("G5d")
LONG = "https://www.ticketmaster.ca/event/3100EXAMPLE01"
LINK = b'{"id":"bit.ly/3ExAmPl","link":"https://bit.ly/3ExAmPl","long_url":"https://normalised.test/"}'


@contextmanager
def bitly(script: Script, *, group_guid: str | None = None) -> Generator[tuple[RawServer, Shortener]]:
    with serving(script) as server:
        http = Http(HttpConfig(total_seconds=10), clock=RealClock())
        config = BitlyConfig(
            base_url=f"{server.url}/v4",
            token="a-secret-token",
            group_guid=group_guid,
            refused_hosts=("evil.test",),
        )
        yield server, Bitly(config, http=http, clock=RealClock())
        http.close()


def problem(status: int, message: str, *headers: str) -> Script:
    return answering(status, json.dumps({"message": message, "description": "x"}).encode(), *headers)


@pytest.mark.parametrize("status", [200, 201])
def test_a_link_that_is_new_and_one_that_existed_are_the_same(status: int) -> None:
    with bitly(answering(status, LINK), group_guid="Bg1") as (server, shortener):
        assert shortener.shorten(EVENT, LONG) == "https://bit.ly/3ExAmPl"

    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v4/shorten")
    assert seen.headers["authorization"] == "Bearer a-secret-token"
    assert json.loads(seen.body) == {"long_url": LONG, "domain": "bit.ly", "group_guid": "Bg1"}


def test_a_link_is_always_https() -> None:
    with bitly(answering(200, b'{"link":"http://bit.ly/3ExAmPl"}')) as (server, shortener):
        assert shortener.shorten(EVENT, LONG) == "https://bit.ly/3ExAmPl"
        assert "group_guid" not in json.loads(server.seen[0].body)


def test_what_is_short_already_stays_as_it_is() -> None:
    with bitly(problem(400, "ALREADY_A_BITLY_LINK")) as (server, shortener):
        assert shortener.shorten(EVENT, "https://bit.ly/3ExAmPl") == "https://bit.ly/3ExAmPl"
        assert not server.seen
        assert shortener.shorten(EVENT, "https://brand.test/x") == "https://brand.test/x"


@pytest.mark.parametrize(
    "url",
    ["https://evil.test/", "https://a.evil.test./x", "https://EVIL.test", "ftp://a.test/", "/x", "", "http://[", "x"],
)
def test_some_addresses_get_no_link(url: str) -> None:
    with bitly(answering(200, LINK)) as (server, shortener):
        with pytest.raises(Permanent):
            shortener.shorten(EVENT, url)
        assert not server.seen


@pytest.mark.parametrize(
    ("script", "wait"),
    [
        (problem(429, "RATE_LIMIT_EXCEEDED"), 60.0),
        (problem(429, "RATE_LIMIT_EXCEEDED", "Retry-After: 12"), 12.0),
        (problem(429, ""), 60.0),
        (answering(500), 5.0),
        (answering(503, b"<html>"), 5.0),
        (answering(201, b"{"), 5.0),
        (answering(201, b"{}"), 5.0),
        (answering(201, b'{"link":"javascript:x"}'), 5.0),
        (answering(201, b'{"link":"https://a b"}'), 5.0),
        (resetting, 5.0),
    ],
    ids=["rate", "rate with a wait", "429", "500", "503", "cut", "no link", "script", "blank", "reset"],
)
def test_what_may_work_later_is_transient(script: Script, wait: float) -> None:
    with bitly(script) as (_, shortener), pytest.raises(Transient) as raised:
        shortener.shorten(EVENT, LONG)

    assert raised.value.retry_after_seconds == wait


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (problem(429, "MONTHLY_ENCODE_LIMIT_REACHED"), "this month"),
        (problem(403, "MONTHLY_ENCODE_LIMIT_REACHED"), "this month"),
        (problem(401, "INVALID_ACCESS_TOKEN"), "bitly_token"),
        (problem(402, "UPGRADE_REQUIRED"), "plan"),
        (problem(403, "FORBIDDEN"), "bitly_group"),
        (problem(400, "INVALID_ARG_LONG_URL"), "HTTP 400"),
        (problem(422, "UNPROCESSABLE"), "HTTP 422"),
    ],
    ids=["month", "month as 403", "401", "402", "403", "400", "422"],
)
def test_what_will_not_work_is_permanent_and_never_holds_the_token(
    script: Script, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with bitly(script) as (_, shortener), pytest.raises(Permanent, match=told) as raised:
        shortener.shorten(EVENT, LONG)

    everything = f"{raised.value!r} {shortener!r} {BitlyConfig(base_url='x', token='a-secret-token')!r} {caplog.text}"
    assert "a-secret-token" not in everything
