import json
import logging
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest

from fanfare.model.ids import EventId
from fanfare.partners.discovery import Discovery, DiscoveryConfig
from fanfare.partners.http import Http, HttpConfig
from fanfare.ports.event_source import EventSource
from fanfare.ports.faults import Permanent, Transient
from fanfare.telemetry import REGISTRY
from tests.partners.raw_server import RawServer, Script, answering, resetting, serving
from tests.partners.real_clock import NOON, RealClock

KEY = "a-secret-key"
EVENT = {"id": "G5d", "name": "A Night", "type": "event"}
MIDNIGHT_MS = int(datetime(2026, 5, 9, tzinfo=UTC).timestamp() * 1000)
DAILY = {"fault": {"faultstring": "x", "detail": {"errorcode": "policies.ratelimit.QuotaViolation"}}}
SPIKE = {"fault": {"faultstring": "x", "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"}}}


@contextmanager
def discovery(
    script: Script, *, per_day: int = 5000, page_size: int = 200, per_second: float = 1000
) -> Generator[tuple[RawServer, EventSource]]:
    with serving(script) as server:
        http = Http(HttpConfig(total_seconds=10), clock=RealClock())
        config = DiscoveryConfig(
            base_url=f"{server.url}/discovery/v2",
            api_key=KEY,
            requests_per_second=per_second,
            requests_per_day=per_day,
            page_size=page_size,
        )
        yield server, Discovery(config, http=http, clock=RealClock())
        http.close()


def page(*events: object, pages: int = 1) -> Script:
    envelope: dict[str, object] = {"_embedded": {"events": events}} if events else {}
    return ok({**envelope, "page": {"size": 1, "totalElements": pages, "totalPages": pages, "number": 0}})


def ok(body: object, *headers: str) -> Script:
    return answering(200, json.dumps(body).encode(), *headers)


def failing(status: int, body: object, *headers: str) -> Script:
    return answering(status, json.dumps(body).encode(), *headers)


def search(source: EventSource, *, number: int = 0, country_code: str | None = None) -> tuple[list[str], bool]:
    until_at = (NOON + timedelta(hours=3)).astimezone(timezone(timedelta(hours=-4)))
    events, more = source.on_sale_between(NOON, until_at, country_code=country_code, page=number)
    return [each.event.event_id for each in events], more


def test_an_event_is_asked_for_by_its_id() -> None:
    with discovery(ok(EVENT)) as (server, source):
        found = source.get(EventId("G5d"))

    assert found
    assert found.event.name == "A Night"
    target = urlsplit(server.seen[0].target)
    assert target.path == "/discovery/v2/events/G5d.json"
    assert dict(parse_qsl(target.query)) == {"apikey": KEY, "locale": "*"}


@pytest.mark.parametrize("event_id", ["", "../x", "a b", "a/b", "a?b", "x" * 65])
def test_what_is_no_id_is_not_asked_for(event_id: str) -> None:
    with discovery(ok(EVENT)) as (server, source):
        assert source.get(EventId(event_id)) is None
        assert not server.seen


def test_an_unknown_id_is_no_event() -> None:
    body = {"errors": [{"code": "DIS1004", "detail": "Resource not found", "status": "404"}]}
    with discovery(failing(404, body)) as (_, source):
        assert source.get(EventId("G5d")) is None


def test_an_event_that_cannot_be_read_says_where_and_how_to_mend_it() -> None:
    bad = {**EVENT, "sales": {"public": {"startDateTime": "soon"}}}
    with discovery(ok(bad)) as (_, source), pytest.raises(Permanent, match=r"event G5d\.sales\.public\.startDateTime"):
        source.get(EventId("G5d"))


def test_a_search_asks_for_sales_that_open_in_a_window() -> None:
    with discovery(page(EVENT, pages=3)) as (server, source):
        assert search(source, number=1, country_code="CA") == (["G5d"], True)
        assert search(source, number=2) == (["G5d"], False)

    asked = dict(parse_qsl(urlsplit(server.seen[0].target).query))
    assert asked == {
        "apikey": KEY,
        "locale": "*",
        "onsaleStartDateTime": "2026-05-08T12:00:00Z",
        "onsaleEndDateTime": "2026-05-08T15:00:00Z",
        "includeTBA": "yes",
        "includeTBD": "yes",
        "source": "ticketmaster",
        "sort": "onSaleStartDate,asc",
        "size": "200",
        "page": "1",
        "countryCode": "CA",
    }
    assert "countryCode" not in server.seen[1].target


def test_a_search_without_hits_is_empty() -> None:
    with discovery(page(pages=0)) as (_, source):
        assert search(source) == ([], False)


def test_an_event_of_a_page_that_cannot_be_read_is_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with discovery(page(EVENT, {"id": "B"})) as (_, source):
        assert search(source) == (["G5d"], False)

    assert "_embedded.events[1].name" in str(vars(caplog.records[-1]))


def test_a_window_that_the_api_cannot_page_through_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with discovery(page(EVENT, pages=100)) as (_, source):
        assert search(source, number=3)[1]
        assert not search(source, number=4)[1]

    assert [record.message for record in caplog.records] == ["source_window_too_wide"]


@pytest.mark.parametrize(
    ("script", "fault", "told"),
    [
        (failing(401, {"fault": {"detail": {"errorcode": "oauth.v2.InvalidApiKey"}}}), Permanent, "api_key"),
        (failing(403, {}), Permanent, "api_key"),
        (failing(400, {"errors": [{"code": "DIS1015", "detail": "x"}]}), Permanent, "HTTP 400, DIS1015"),
        (failing(400, "odd"), Permanent, "no code"),
        (answering(500, b"<html>"), Transient, "HTTP 500"),
        (answering(302, b"", "Location: http://127.0.0.1:1/"), Transient, "HTTP 302"),
        (answering(200, b"{"), Transient, "unreadable"),
        (resetting, Transient, "Discovery"),
    ],
    ids=["401", "403", "400", "400 odd", "500", "302", "cut", "reset"],
)
def test_other_answers_are_faults_that_never_hold_the_key(
    script: Script, fault: type[Exception], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with discovery(script) as (_, source), pytest.raises(fault) as raised:
        source.get(EventId("G5d"))

    assert told in str(raised.value)
    everything = f"{raised.value!r} {raised.value.__cause__!r} {source!r} {vars(raised.value)} {caplog.text}"
    assert KEY not in everything
    assert KEY not in repr(DiscoveryConfig(base_url="x", api_key=KEY))


def test_a_days_quota_that_is_used_up_is_waited_for_without_asking_again() -> None:
    with discovery(failing(429, DAILY, f"Rate-Limit-Reset: {MIDNIGHT_MS}")) as (server, source):
        waits: list[float | None] = []
        for _ in range(3):
            with pytest.raises(Transient) as raised:
                source.get(EventId("G5d"))
            waits.append(raised.value.retry_after_seconds)

    assert waits == [12 * 3600] * 3
    assert len(server.seen) == 1


@pytest.mark.parametrize("header", ["", "soon", "-5", "9" * 20])
def test_a_quota_without_a_readable_reset_ends_with_the_day(header: str) -> None:
    with discovery(failing(429, DAILY, f"Rate-Limit-Reset: {header}")) as (_, source):
        with pytest.raises(Transient) as raised:
            source.get(EventId("G5d"))
        assert raised.value.retry_after_seconds == 12 * 3600


def test_too_many_requests_a_second_are_a_short_wait() -> None:
    with discovery(failing(429, SPIKE)) as (server, source):
        for _ in range(2):
            with pytest.raises(Transient) as raised:
                source.get(EventId("G5d"))
            assert raised.value.retry_after_seconds == 1

    assert len(server.seen) == 2


def test_the_last_request_of_the_day_is_known_from_its_answer() -> None:
    script = ok(EVENT, "Rate-Limit-Available: 0", f"Rate-Limit-Reset: {MIDNIGHT_MS}")
    with discovery(script) as (server, source):
        assert source.get(EventId("G5d"))
        with pytest.raises(Transient):
            source.get(EventId("G5d"))

        assert len(server.seen) == 1


def test_our_own_count_keeps_the_days_quota() -> None:
    with discovery(ok(EVENT), per_day=2) as (server, source):
        source.get(EventId("G5d"))
        source.get(EventId("G5d"))
        with pytest.raises(Transient) as raised:
            source.get(EventId("G5d"))

    assert raised.value.retry_after_seconds == 12 * 3600
    assert len(server.seen) == 2


def test_requests_keep_their_distance() -> None:
    with discovery(ok(EVENT), per_second=50) as (_, source):
        clock = RealClock()
        began = clock.monotonic_seconds()
        for _ in range(4):
            source.get(EventId("G5d"))

        assert clock.monotonic_seconds() - began >= 3 / 50


def counted(result: str) -> float:
    labels = {"partner": "discovery", "result": result}
    return REGISTRY.get_sample_value("fanfare_partner_calls_total", labels) or 0.0


@pytest.mark.parametrize(
    ("script", "result"),
    [(ok(EVENT), "done"), (failing(404, {}), "done"), (failing(429, SPIKE), "failed"), (answering(500), "failed"),
     (resetting, "failed")],
    ids=["200", "404", "429", "500", "reset"],
)  # fmt: skip
def test_each_call_is_counted_by_what_came_of_it(script: Script, result: str) -> None:
    before = counted(result)
    with discovery(script) as (_, source), suppress(Transient):
        source.get(EventId("G5d"))

    assert counted(result) == before + 1
