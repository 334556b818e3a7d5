"""The GraphQL queries over real partners on loopback: cached, stale, refused, bounded."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fanfare.doors.web import graphql_queries
from fanfare.ports.api_keys import Scope
from fanfare.settings import Settings
from tests.doors.web.conftest import SETTINGS, WIDE, Stage, served
from tests.doors.web.opt_ins import DISCOVERY
from tests.partners.raw_server import Peer, serving

EVENT = (
    "query($id: ID!) { eventDetails(eventId: $id) { id name localDate publicSale { startsAt } presales { name } "
    "venue { city } source stale } }"
)
ACCOUNT = '{ account(accountId: "acc_1") { id email phoneNumber givenName source stale } }'
UPSTREAM_TEXT = "internal table FOO is locked"


@dataclass
class Partners:
    """Discovery and the account service, up or down."""

    is_up: bool = True
    calls: int = 0

    def script(self, peer: Peer) -> None:
        while request := peer.read():
            self.calls += 1
            if not self.is_up:
                peer.answer(500, UPSTREAM_TEXT.encode())
            elif "/oauth2/token" in request.target:
                peer.answer(200, json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).encode())
            elif "/accounts/acc_1" in request.target:
                account = {"accountId": "acc_1", "email": "zoe@example.test", "givenName": "Zoé", "phoneNumber": None}
                peer.answer(200, json.dumps(account).encode())
            elif "/events/E1" in request.target:
                peer.answer(200, json.dumps(DISCOVERY).encode())
            else:
                peer.answer(404, b'{"errors":[]}')


@pytest.fixture
def partners() -> Partners:
    return Partners()


def with_partners(url: str, **web: Any) -> Settings:  # noqa: ANN401
    changes = {
        "web": {**SETTINGS["web"], **web},
        "discovery": {"base_url": f"{url}/discovery/v2", "api_key": "k", "requests_per_second": 1000},
        "accounts": {"base_url": url, "issuer_url": url, "client_id": "c", "client_secret": "s"},
    }
    return Settings.model_validate({**SETTINGS, **changes})


@pytest.fixture
def asked(partners: Partners) -> Iterator[Stage]:
    with serving(partners.script) as server:
        yield from served(with_partners(server.url), WIDE)


@pytest.fixture
def introspected(partners: Partners) -> Iterator[Stage]:
    with serving(partners.script) as server:
        yield from served(with_partners(server.url, graphql_introspection=True), WIDE)


def ask(stage: Stage, query: str, *scopes: Scope, person: str = "a-service", **variables: str) -> Any:  # noqa: ANN401
    key = stage.key(*(scopes or (Scope.EVENTS_READ,)), person=person)
    return stage.call("POST", "/graphql", {"query": query, "variables": variables}, key=key).json


def kind(answer: Any) -> str:  # noqa: ANN401
    (error,) = answer["errors"]
    return error["errorType"]


def test_an_event_comes_from_the_source_then_from_the_cache(asked: Stage, partners: Partners) -> None:
    first = ask(asked, EVENT, id="E1")["data"]["eventDetails"]
    second = ask(asked, EVENT, id="E1")["data"]["eventDetails"]

    assert first == {
        "id": "E1",
        "name": "Les Étoiles Filantes",
        "localDate": "2026-09-12",
        "publicSale": {"startsAt": "2026-05-08T14:00:00.000Z"},
        "presales": [{"name": "Artist Presale"}, {"name": "Registration"}],
        "venue": {"city": "Montréal"},
        "source": "SOURCE",
        "stale": False,
    }
    assert second == {**first, "source": "CACHE"}
    assert partners.calls == 1


def test_a_source_that_is_down_gives_the_last_answer_marked_stale(asked: Stage, partners: Partners) -> None:
    ask(asked, EVENT, id="E1")
    asked.clock.advance(seconds=25 * 3600)
    partners.is_up = False

    event = ask(asked, EVENT, id="E1")["data"]["eventDetails"]

    assert (event["source"], event["stale"], event["name"]) == ("STALE", True, "Les Étoiles Filantes")


def test_an_event_that_nobody_knows_is_null(asked: Stage) -> None:
    answer = ask(asked, EVENT, id="E9")

    assert (answer["data"], kind(answer)) == ({"eventDetails": None}, "NotFound")


def test_what_a_partner_says_when_it_fails_is_never_told(asked: Stage, partners: Partners) -> None:
    partners.is_up = False

    event = ask(asked, EVENT, id="E1")
    account = ask(asked, ACCOUNT, Scope.ACCOUNTS_READ)

    assert (kind(event), kind(account)) == ("Unavailable", "Unavailable")
    assert UPSTREAM_TEXT not in str(event) + str(account)


def test_an_account_is_for_its_owner_or_the_scope(asked: Stage) -> None:
    expected = {
        "id": "acc_1", "email": "zoe@example.test", "phoneNumber": None, "givenName": "Zoé", "source": "SOURCE",
        "stale": False,
    }  # fmt: skip

    assert ask(asked, ACCOUNT, person="acc_1")["data"]["account"] == expected
    assert ask(asked, ACCOUNT, Scope.ACCOUNTS_READ)["data"]["account"] == {**expected, "source": "CACHE"}
    assert kind(ask(asked, ACCOUNT, person="acc_2")) == "Unauthorized"
    assert b"zoe@example" not in asked.image()


def test_each_field_asks_for_its_own_scope(asked: Stage) -> None:
    both = '{ eventDetails(eventId: "E1") { id } account(accountId: "acc_1") { id } }'

    answer = ask(asked, both, Scope.EVENTS_READ)

    assert answer["data"] == {"eventDetails": {"id": "E1"}, "account": None}
    assert kind(answer) == "Unauthorized"


def nested(depth: int) -> str:
    return "{" + "a{" * (depth - 1) + "b" + "}" * depth


@pytest.mark.parametrize(
    ("query", "word"),
    [
        (nested(9), "levels"),
        ("{" * 20_000, "Syntax"),
        ("[" * 20_000, "Syntax"),
        ("{" + " ".join(f'a{n}: eventDetails(eventId: "E1") {{ id }}' for n in range(16)) + "}", "aliases"),
        ("{ a: __typename ", "Syntax"),
        ("{ ...f } fragment f on Query { ...f }", "spread"),
        ("query { __typename } " + " ".join(f"query q{n} {{ __typename }}" for n in range(1000)), "Syntax"),
        ("mutation { x }", "mutation"),
        ("subscription { x }", "subscription"),
    ],
)
def test_a_query_without_bounds_is_refused(asked: Stage, partners: Partners, query: str, word: str) -> None:
    answer = ask(asked, query)

    assert word in answer["errors"][0]["message"]
    assert {error["errorType"] for error in answer["errors"]} == {"BadQuery"}
    assert partners.calls == 0


def test_fragments_that_multiply_are_counted_as_what_they_come_to(asked: Stage, partners: Partners) -> None:
    parts = [f"fragment f{n} on Query {{ {' '.join([f'...f{n + 1}'] * 20)} }}" for n in range(12)]
    query = "{ ...f0 } " + " ".join(parts) + ' fragment f12 on Query { eventDetails(eventId: "E1") { id } }'

    answer = ask(asked, query)

    assert any("fields" in error["message"] for error in answer["errors"])
    assert partners.calls == 0


def test_the_schema_is_not_told_unless_it_is_set(asked: Stage) -> None:
    assert "introspection" in ask(asked, "{ __schema { types { name } } }")["errors"][0]["message"]


def test_the_schema_is_told_where_it_is_set(introspected: Stage) -> None:
    names = {each["name"] for each in ask(introspected, "{ __schema { types { name } } }")["data"]["__schema"]["types"]}

    assert {"EventDetails", "Account", "AWSDateTime"} <= names


def test_a_batch_or_a_get_is_refused(asked: Stage) -> None:
    key = asked.key(Scope.EVENTS_READ)

    assert asked.call("POST", "/graphql", [{"query": "{__typename}"}], key=key).status == 422
    assert asked.call("GET", "/graphql?query={__typename}", key=key).status == 405
    assert asked.call("POST", "/graphql", {"query": " " * 100_001}, key=key).status == 413
    assert asked.call("POST", "/graphql", b"{", key=key, Content_Type="application/json").status == 400


def test_the_file_for_appsync_declares_nothing_that_appsync_has() -> None:
    text = (graphql_queries.FOLDER / "schema.graphql").read_text(encoding="utf-8")

    assert "scalar " not in text
    assert "directive @" not in text
    assert graphql_queries.load_schema().query_type is not None
