import base64
import json
import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.ids import FanId
from fanfare.partners.accounts import AccountsConfig, OAuthAccounts, normalised
from fanfare.partners.http import Http, HttpConfig
from fanfare.ports.accounts import Account, Accounts
from fanfare.ports.faults import Permanent, Transient
from tests.partners.raw_server import Peer, RawServer, Script, answering, resetting, serving
from tests.partners.real_clock import RealClock

FAN = FanId("acc_0001")
FULL = {
    "accountId": "acc_0001",
    "status": "active",
    "email": "Fan@Example.test",
    "emailVerified": True,
    "phoneNumber": "+15145550123",
    "phoneVerified": False,
    "givenName": "Zoé",
    "familyName": "Exemple",
    "locale": "fr_CA",
    "zoneInfo": "America/Toronto",
    "countryCode": "ca",
    "postalCode": "K1S 3W7",
    "updatedAt": "2026-02-01T10:00:00-05:00",
    "marketingConsent": {"sms": {"optedIn": True}},
}
CLAIMS = {
    "sub": "acc_0001",
    "status": "active",
    "email": "fan@example.test",
    "email_verified": True,
    "phone_number": "+15145550123",
    "phone_number_verified": False,
    "given_name": "Zoé",
    "family_name": "Exemple",
    "locale": "fr-CA",
    "zoneinfo": "America/Toronto",
    "country_code": "CA",
    "postal_code": "K1S 3W7",
    "updated_at": 1769958000,
}
NORMAL = Account(
    account_id=FAN,
    status="active",
    email="fan@example.test",
    email_verified=True,
    phone_number="+15145550123",
    phone_verified=False,
    given_name="Zoé",
    family_name="Exemple",
    locale="fr-ca",
    zone_info="America/Toronto",
    country_code="CA",
    postal_code="K1S 3W7",
    updated_at="2026-02-01T15:00:00Z",
)
NOTHING = Account(
    account_id=FAN,
    status=None,
    email=None,
    email_verified=None,
    phone_number=None,
    phone_verified=None,
    given_name=None,
    family_name=None,
    locale=None,
    zone_info=None,
    country_code=None,
    postal_code=None,
    updated_at=None,
)


class Stage:
    """Issues tokens t1, t2, ... and answers account calls with whatever the test lined up."""

    def __init__(self, *answers: tuple[int, object], lasting_seconds: float = 3600, issue_seconds: float = 0) -> None:
        self.answers = list(answers)
        self.lasting_seconds = lasting_seconds
        self.issue_seconds = issue_seconds
        self.issued = 0
        self.bearers: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, peer: Peer) -> None:
        while request := peer.read():
            if request.target == "/oauth2/token":
                self._issue(peer)
                continue
            with self._lock:
                self.bearers.append(request.headers["authorization"])
                status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            peer.answer(status, json.dumps(body).encode())

    def _issue(self, peer: Peer) -> None:
        time.sleep(self.issue_seconds)
        with self._lock:
            self.issued += 1
            body = {"access_token": f"t{self.issued}", "token_type": "Bearer", "expires_in": self.lasting_seconds}
        peer.answer(200, json.dumps(body).encode())


@contextmanager
def accounts(script: Script) -> Generator[tuple[RawServer, Accounts]]:
    with serving(script) as server:
        http = Http(HttpConfig(total_seconds=10), clock=RealClock())
        config = AccountsConfig(base_url=server.url, issuer_url=server.url, client_id="me", client_secret="s:e cret")
        yield server, OAuthAccounts(config, http=http, clock=RealClock())
        http.close()


@pytest.mark.parametrize("body", [FULL, CLAIMS], ids=["our names", "claims"])
def test_an_account_is_read_in_normal_form(body: dict[str, object]) -> None:
    with accounts(Stage((200, body))) as (server, source):
        assert source.get(FAN) == NORMAL

    token, account = server.seen
    assert token.body == b"grant_type=client_credentials&scope=account.read"
    assert base64.b64decode(token.headers["authorization"].split()[1]) == b"me:s%3Ae+cret"
    assert (account.target, account.headers["authorization"]) == ("/accounts/acc_0001", "Bearer t1")


def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    with accounts(Stage((404, {}))) as (server, source):
        assert source.get(FanId("../admin?x=1")) is None

    assert server.seen[1].target == "/accounts/..%2Fadmin%3Fx%3D1"


@pytest.mark.parametrize("account_id", ["", ".", ".."])
def test_an_id_of_dots_is_no_account(account_id: str) -> None:
    with accounts(Stage((200, FULL))) as (server, source):
        assert source.get(FanId(account_id)) is None
        assert not server.seen


def test_a_token_is_used_until_a_minute_before_its_end() -> None:
    stage = Stage((200, FULL))
    with accounts(stage) as (_, source):
        for _ in range(3):
            source.get(FAN)

    assert stage.issued == 1


@pytest.mark.parametrize("lasting_seconds", [0, 60, -5])
def test_a_token_that_is_about_to_end_is_not_used_twice(lasting_seconds: float) -> None:
    stage = Stage((200, FULL), lasting_seconds=lasting_seconds)
    with accounts(stage) as (_, source):
        source.get(FAN)
        source.get(FAN)

    assert stage.bearers == ["Bearer t1", "Bearer t2"]


def test_a_token_that_is_turned_away_is_renewed_once() -> None:
    stage = Stage((401, {}), (200, FULL))
    with accounts(stage) as (_, source):
        assert source.get(FAN) == NORMAL

    assert stage.bearers == ["Bearer t1", "Bearer t2"]


def test_credentials_that_stay_refused_are_permanent() -> None:
    stage = Stage((401, {}))
    with accounts(stage) as (_, source), pytest.raises(Permanent, match="check accounts"):
        source.get(FAN)

    assert len(stage.bearers) == 2


def test_of_many_threads_one_fetches_the_token() -> None:
    stage = Stage((200, FULL), issue_seconds=0.1)
    with accounts(stage) as (_, source):
        threads = [threading.Thread(target=source.get, args=(FAN,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert stage.issued == 1
    assert len(stage.bearers) == 8


@pytest.mark.parametrize("status", [404, 410])
def test_there_is_no_account(status: int) -> None:
    with accounts(Stage((status, {"mergedInto": "acc_2"}))) as (_, source):
        assert source.get(FAN) is None


@pytest.mark.parametrize(
    ("status", "fault"), [(429, Transient), (500, Transient), (503, Transient), (403, Permanent), (400, Permanent)]
)
def test_other_answers_are_faults_without_the_services_words(
    status: int, fault: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with accounts(Stage((status, {"detail": "fan@example.test"}))) as (_, source), pytest.raises(fault) as raised:
        source.get(FAN)

    told = f"{raised.value!r} {raised.value.__cause__!r} {source!r} {caplog.text}"
    assert not [each for each in ("fan@example.test", "s:e cret", "t1", "Basic") if each in told]


def test_a_wait_that_the_service_asks_for_is_passed_on() -> None:
    def script(peer: Peer) -> None:
        peer.read()
        peer.answer(200, b'{"access_token":"t","expires_in":3600}')
        peer.read()
        peer.answer(429, b"", "Retry-After: 7")

    with accounts(script) as (_, source), pytest.raises(Transient) as raised:
        source.get(FAN)

    assert raised.value.retry_after_seconds == 7


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_client_is_permanent(status: int) -> None:
    with accounts(answering(status, b'{"error":"invalid_client"}')) as (_, source), pytest.raises(Permanent):
        source.get(FAN)


@pytest.mark.parametrize(
    "script",
    [
        answering(500),
        answering(200, b"{"),
        answering(200, b"{}"),
        answering(200, b'{"access_token":"a\\nb"}'),
        answering(200, b'{"access_token":" "}'),
        resetting,
    ],
    ids=["500", "cut", "none", "line break", "blank", "reset"],
)
def test_no_token_is_transient(script: Script) -> None:
    with accounts(script) as (_, source), pytest.raises(Transient):
        source.get(FAN)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"\xff"])
def test_an_unreadable_account_is_transient(body: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.read()
        peer.answer(200, b'{"access_token":"t","expires_in":3600}')
        peer.read()
        peer.answer(200, body)

    with accounts(script) as (_, source), pytest.raises(Transient):
        source.get(FAN)


WRONG: dict[str, object] = {
    "status": 7,
    "email": "not an address",
    "emailVerified": "yes",
    "phoneNumber": "514-555-0123",
    "phoneVerified": 1,
    "givenName": "a\r\nb",
    "familyName": "x" * 400,
    "locale": "francais!",
    "zoneInfo": [],
    "countryCode": "CAN",
    "postalCode": {},
    "updatedAt": "yesterday",
}


def test_what_has_the_wrong_form_is_none_and_never_invented() -> None:
    assert normalised(WRONG, FAN) == NOTHING
    assert normalised({}, FAN) == NOTHING


@pytest.mark.parametrize("value", [True, 1e300, float("nan"), "2026-02-01T15:00:00", None, -1e20])
def test_an_instant_that_is_none_is_none(value: object) -> None:
    assert normalised({"updated_at": value}, FAN).updated_at is None


@given(
    st.dictionaries(
        st.sampled_from([*FULL, *CLAIMS]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2),
    )
)
def test_no_body_raises(body: dict[str, object]) -> None:
    assert normalised(body, FAN).account_id == FAN
