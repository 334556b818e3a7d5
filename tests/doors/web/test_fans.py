"""Preferences, opt-outs and withdrawals at the web door."""

from typing import Any

import pytest

from fanfare.model.channel import Channel
from fanfare.ports.opt_outs import EVERY_BRAND
from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import BY_EMAIL, EMAIL, OPT_IN, PHONE, is_opted_out, opt_in

PREFERENCES = "/v1/fans/fan-1/preferences"
DONE = (202, {"status": "done"})


def opt_out(stage: Stage, **body: Any) -> tuple[int, Any]:  # noqa: ANN401
    answer = stage.admin("POST", "/v1/opt-outs", body)
    return answer.status, answer.json


def test_preferences_are_read_back_as_they_were_put(stage: Stage) -> None:
    opt_in(stage)

    assert stage.admin("GET", PREFERENCES).json == {"brands": {}}
    assert stage.admin("PUT", PREFERENCES, {"brands": {"ticketmaster": ["email"], "livenation": []}}).status == 200
    assert stage.admin("PUT", PREFERENCES, {"brands": {"livenation": ["sms", "email"]}}).json == {
        "brands": {"ticketmaster": ["email"], "livenation": ["email", "sms"]}
    }


def test_a_fan_or_brand_that_nobody_knows_has_no_preferences(stage: Stage) -> None:
    assert stage.admin("GET", PREFERENCES).status == 404
    assert stage.admin("PUT", PREFERENCES, {"brands": {}}).status == 404
    opt_in(stage)
    assert stage.admin("PUT", PREFERENCES, {"brands": {"acme": []}}).status == 422
    assert stage.admin("PUT", PREFERENCES, {"brands": {"ticketmaster": ["fax"]}}).status == 422


def test_an_opt_out_of_a_fan_covers_every_address_they_gave(stage: Stage) -> None:
    opt_in(stage)
    opt_in(stage, BY_EMAIL)

    assert opt_out(stage, fan_id="fan-1") == DONE
    assert is_opted_out(stage, Channel.SMS, PHONE) == {EVERY_BRAND}
    assert is_opted_out(stage, Channel.EMAIL, EMAIL) == {EVERY_BRAND}


def test_an_opt_out_may_be_for_one_channel_and_brand(stage: Stage) -> None:
    opt_in(stage)
    opt_in(stage, BY_EMAIL)

    assert opt_out(stage, fan_id="fan-1", channel="email", brand="livenation") == DONE
    assert not is_opted_out(stage, Channel.SMS, PHONE)
    assert is_opted_out(stage, Channel.EMAIL, EMAIL) == {"livenation"}


def test_an_address_may_be_opted_out_before_anybody_gave_it(stage: Stage) -> None:
    assert opt_out(stage, address="(514) 555-0123", channel="sms") == DONE
    assert is_opted_out(stage, Channel.SMS, PHONE) == {EVERY_BRAND}
    assert b"5145550123" not in stage.image()


def test_an_opt_out_is_answered_alike_for_strangers(stage: Stage) -> None:
    assert opt_out(stage, fan_id="nobody") == DONE


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fan_id": "f", "address": PHONE, "channel": "sms"},
        {"address": PHONE},
        {"address": "nonsense", "channel": "sms"},
        {"address": "Zoë <zoe@example.test>", "channel": "email"},
        {"fan_id": "f", "brand": "acme"},
        {"fan_id": "f", "active": False},
    ],
)
def test_an_opt_out_that_names_nobody_is_refused_with_its_fix(door: Stage, body: dict[str, Any]) -> None:
    answer = door.admin("POST", "/v1/opt-outs", body)

    assert answer.status == 422
    assert answer.json["errors"]
    assert PHONE not in answer.text


def test_a_withdrawn_demand_is_no_opt_out(stage: Stage) -> None:
    fan_ref = opt_in(stage)
    opt_in(stage, {**OPT_IN, "event_id": "E2"})

    assert stage.admin("DELETE", "/v1/fans/fan-1/demands?event_id=E1").json == {"withdrawn": 1}
    assert stage.admin("DELETE", "/v1/fans/fan-1/demands?event_id=E1").json == {"withdrawn": 0}
    assert {d.event_id: d.active for d in stage.world.demands.of_fan(fan_ref)} == {"E1": False, "E2": True}
    assert not is_opted_out(stage, Channel.SMS, PHONE)


def test_all_demands_are_withdrawn_at_once(stage: Stage) -> None:
    opt_in(stage)
    opt_in(stage, BY_EMAIL)

    assert stage.admin("DELETE", "/v1/fans/fan-1/demands?channel=email").json == {"withdrawn": 1}
    assert stage.admin("DELETE", "/v1/fans/fan-1/demands").json == {"withdrawn": 1}
    assert stage.admin("DELETE", "/v1/fans/nobody/demands").json == {"withdrawn": 0}
