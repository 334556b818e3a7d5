"""Notifications and the reasons behind them at the web door."""

from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import DISCOVERY, OPT_IN, PHONE, opt_in


def test_a_fans_notifications_are_shown_without_their_address(stage: Stage) -> None:
    opt_in(stage)

    (shown,) = stage.admin("GET", "/v1/notifications?fan_id=fan-1").json["items"]

    assert (shown["kind"], shown["state"], shown["is_ended"]) == ("opt_in_confirmed", "CREATED", False)
    assert PHONE not in str(shown)
    assert "fan_ref" not in shown


def test_a_notification_is_found_by_its_shown_name_only(stage: Stage) -> None:
    opt_in(stage)
    (shown,) = stage.admin("GET", "/v1/notifications?fan_id=fan-1").json["items"]
    (callback,) = stage.world.vault.callback_tokens([1], [1])

    assert stage.admin("GET", f"/v1/notifications/{shown['notification_id']}").json == shown
    for name in ("1", "x" * 22, callback):
        assert stage.admin("GET", f"/v1/notifications/{name}").status == 404


def test_a_stranger_has_no_notifications(door: Stage) -> None:
    assert door.admin("GET", "/v1/notifications?fan_id=nobody").json == {"items": [], "next_cursor": None}
    assert door.admin("GET", "/v1/notifications").status == 422


def test_a_fan_without_a_row_is_told_why(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)
    stage.admin("POST", "/v1/demands", OPT_IN)

    told = stage.admin("GET", "/v1/why?fan=fan-1&sale=E1:public").json

    assert (told["cause"], told["rows"]) == ("not_yet_generated", [])
    assert told["operator"].startswith(
        "The sale's reminders are not written yet; they are planned for 2026-05-08T13:30"
    )
    assert set(told["fan"]) == {"en", "fr"}


def test_totals_add_up(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)

    totals = stage.admin("GET", "/v1/why/totals?sale=E1:public").json

    assert (totals["rows"], totals["adds_up"]) == (0, True)
    assert stage.admin("GET", "/v1/why/totals?sale=E9:public").status == 404


def test_an_id_that_can_be_none_is_refused_before_anything_is_read(door: Stage) -> None:
    for path in ("/v1/notifications?fan_id=%00", "/v1/why?fan=a%20b&sale=E1:public", "/v1/why?fan=a&sale=%00"):
        assert door.admin("GET", path).status == 422
