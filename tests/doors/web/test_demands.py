"""Opt-ins at the web door."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fanfare.doors.web.door import Caps
from fanfare.model.channel import Channel
from fanfare.model.demand import ConsentSource
from fanfare.model.ids import FanId
from fanfare.model.notification import MessageKind
from fanfare.ports.api_keys import Scope
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut
from fanfare.settings import Settings
from tests.doors.web.conftest import SETTINGS, Stage, served
from tests.doors.web.opt_ins import BY_EMAIL, OPT_IN, PHONE, is_opted_out

PATH = "/v1/demands"
ACCEPTED = (202, {"status": "accepted"})


@pytest.fixture
def narrow() -> Iterator[Stage]:
    caps = Caps(opt_ins_per_peer_and_minute=5, opt_ins_per_minute=100_000)
    yield from served(Settings.model_validate(SETTINGS), caps)


def test_an_opt_in_is_stored_with_its_proof_and_confirmed_once(stage: Stage) -> None:
    answer = stage.admin("POST", PATH, OPT_IN)

    fan_ref = stage.world.demands.fan_refs([FanId("fan-1")])[FanId("fan-1")]
    (demand,) = stage.world.demands.of_fan(fan_ref)
    (confirmation,) = stage.world.notifications.of_fan(fan_ref, 10)
    assert (answer.status, answer.json) == ACCEPTED
    assert (demand.consent.intake, demand.consent.text_id) == (ConsentSource.DOOR, "opt-in-3")
    assert confirmation.kind is MessageKind.OPT_IN_CONFIRMED
    assert PHONE.encode() not in stage.image()


def test_a_repeated_opt_in_changes_nothing_and_is_answered_alike(stage: Stage) -> None:
    first = stage.admin("POST", PATH, OPT_IN)
    changes = stage.engine.store.rows("SELECT * FROM change")

    second = stage.admin("POST", PATH, OPT_IN)

    assert (second.status, second.body) == (first.status, first.body)
    assert stage.engine.store.rows("SELECT * FROM change") == changes


def test_an_opt_in_at_our_own_door_lifts_an_older_opt_out(stage: Stage) -> None:
    (address_hash,) = stage.world.vault.hash([PHONE])
    before = OptOut(
        address_hash=address_hash, channel=Channel.SMS, scope=EVERY_BRAND, active=True,
        at=stage.clock.now().replace(hour=1), source="sms_keyword",
    )  # fmt: skip
    stage.world.opt_outs.record([before])

    stage.admin("POST", PATH, OPT_IN)

    assert not is_opted_out(stage, Channel.SMS, PHONE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "+442071234567"),
        ("address", "+18005550123"),
        ("address", "five five five"),
        ("brand", "acme"),
        ("consent_at", "2026-04-30T23:59:59"),
        ("consent_at", "2030-01-01T00:00:00Z"),
        ("event_id", None),
        ("fan_id", "zoe@example.test"),
        ("zone", "Mars/Olympus"),
        ("channel", "fax"),
        ("consent_source", "a\nb"),
    ],
)
def test_a_wrong_field_is_named_with_its_fix_and_never_repeated(door: Stage, field: str, value: str | None) -> None:
    answer = door.admin("POST", PATH, {**OPT_IN, field: value})

    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["errors"]
    assert value is None or value not in answer.text
    assert PHONE not in answer.text


@pytest.mark.parametrize("extra", ["active", "fan_ref", "recorded_at", "intake"])
def test_a_field_that_is_not_the_callers_is_refused(door: Stage, extra: str) -> None:
    assert door.admin("POST", PATH, {**OPT_IN, extra: "1"}).status == 422


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(stage: Stage) -> None:
    first = stage.admin("POST", PATH, OPT_IN, Idempotency_Key="one")
    image = stage.image()

    assert stage.admin("POST", PATH, OPT_IN, Idempotency_Key="one").body == first.body
    assert stage.image() == image


def test_the_same_key_for_another_request_is_refused(stage: Stage) -> None:
    stage.admin("POST", PATH, OPT_IN, Idempotency_Key="one")

    assert stage.admin("POST", PATH, BY_EMAIL, Idempotency_Key="one").status == 422
    assert stage.admin("POST", PATH, BY_EMAIL, Idempotency_Key="two").status == 202


def test_a_refused_request_may_be_mended_under_its_key(stage: Stage) -> None:
    assert stage.admin("POST", PATH, {**OPT_IN, "brand": "acme"}, Idempotency_Key="one").status == 422
    assert stage.admin("POST", PATH, OPT_IN, Idempotency_Key="one").status == 202


def test_no_address_is_kept_with_a_key(stage: Stage) -> None:
    stage.admin("POST", PATH, OPT_IN, Idempotency_Key=PHONE)

    assert PHONE.removeprefix("+").encode() not in stage.image()


def test_a_number_may_opt_in_three_times_a_day(stage: Stage) -> None:
    forms: list[dict[str, Any]] = [{**OPT_IN, "event_id": f"E{n}"} for n in range(5)]

    assert [stage.admin("POST", PATH, form).status for form in forms] == [202, 202, 202, 429, 429]
    assert stage.admin("POST", PATH, BY_EMAIL).status == 202

    stage.clock.advance(seconds=86_400)

    assert stage.admin("POST", PATH, {**forms[4], "consent_at": "2026-05-02T11:00:00Z"}).status == 202


def test_a_flood_from_one_address_is_stopped(narrow: Stage) -> None:
    statuses = [
        narrow.admin("POST", PATH, {**OPT_IN, "address": f"+1514555{n:04}", "fan_id": f"f{n}"}).status
        for n in range(20)
    ]

    # A window of the quota may end while the test runs, so at most two windows' worth gets through.
    assert statuses.count(202) in range(5, 11)
    assert set(statuses) == {202, 429}


def test_a_refusal_for_frequency_says_when_to_come_back(stage: Stage) -> None:
    answers = [stage.admin("POST", PATH, {**OPT_IN, "event_id": f"E{n}"}) for n in range(4)]

    answer = answers[-1]
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0


def test_many_opt_ins_of_one_number_at_once_are_counted_one_by_one(stage: Stage) -> None:
    key = stage.key(Scope.DEMANDS_WRITE)

    def status(n: int) -> int:
        return stage.call("POST", PATH, {**OPT_IN, "event_id": f"E{n}"}, key=key).status

    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(status, range(12)))

    assert statuses.count(202) == 3
