import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime

import phonenumbers
import pytest

from fanfare.lab.clock import SteppedClock
from fanfare.lab.config import WorldKind
from fanfare.lab.ledger import address_hash
from fanfare.lab.night_fans import Phones
from fanfare.lab.night_places import PLACES
from fanfare.lab.world import COLUMNS, Plan, World
from tests.lab.calls import Caller
from tests.lab.conftest import Start

START = datetime(2026, 5, 8, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def night() -> World:
    return World(seed=5, fan_count=4000, start_seconds=START.timestamp())


@pytest.fixture(scope="module")
def rows(night: World) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(night.demands_csv().decode(), newline="")))


def test_the_same_seed_gives_the_same_night_and_another_gives_another(night: World) -> None:
    def again(seed: int) -> bytes:
        return World(seed=seed, fan_count=4000, start_seconds=START.timestamp()).demands_csv()

    assert again(5) == night.demands_csv()
    assert again(6) != night.demands_csv()


def test_the_header_is_the_one_agreed(night: World) -> None:
    assert night.demands_csv().split(b"\n")[0].decode() == (
        "fan_id,event_id,attraction_id,channel,address,locale,brand,zone,region,"
        "consent_at,consent_text_id,consent_source,sale_id"
    )
    assert len(COLUMNS) == 13


def test_channels_are_mixed_as_promised(night: World, rows: list[dict[str, str]]) -> None:
    channels = night.summary()["channels"]
    assert isinstance(channels, Counter)
    assert 0.86 < channels["sms"] / 4000 < 0.90
    assert 0.06 < channels["email"] / 4000 < 0.10
    assert 0.03 < channels["sms+email"] / 4000 < 0.05
    assert len(rows) == night.summary()["demand_rows"]


def test_one_event_has_about_half_of_the_fans(rows: list[dict[str, str]]) -> None:
    shares = Counter(row["event_id"] for row in rows)

    assert 0.42 < shares["G5vYZ9AurSand01"] / len(rows) < 0.55
    assert len(shares) == 23


def test_every_phone_can_be_assigned_and_few_are_shared(rows: list[dict[str, str]]) -> None:
    phones = {row["address"]: row["fan_id"] for row in rows if row["channel"] == "sms"}
    fans = {row["fan_id"] for row in rows if row["channel"] == "sms"}

    for phone in list(phones)[:1000]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone)), phone
    assert 0 < len(fans) - len(phones) < 20


@pytest.mark.parametrize("code", sorted({code for place in PLACES.values() for code in place.area_codes}))
def test_area_codes_are_in_use(code: str) -> None:
    number = Phones().next(code)

    assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number


def test_numbers_do_not_repeat_and_are_no_service_codes() -> None:
    phones = Phones()
    numbers = [phones.next("416") for _ in range(50_000)]

    assert len(set(numbers)) == len(numbers)
    assert not any(re.fullmatch(r"\+1416(?:.11|555|[01]..)\d{4}", number) for number in numbers)


def test_some_lack_consent_some_lack_a_place_and_mail_stays_in_test_domains(rows: list[dict[str, str]]) -> None:
    assert 0 < sum(not row["consent_at"] for row in rows) < len(rows) * 0.03
    assert 0 < sum(not row["region"] for row in rows) < len(rows) * 0.02
    assert all(row["address"].endswith(".test") for row in rows if row["channel"] == "email")
    assert {row["locale"] for row in rows} == {"en-us", "en-ca", "fr-ca"}
    assert {row["brand"] for row in rows} == {"ticketmaster", "livenation"}
    assert all(row["consent_at"] < "2026-05-02" for row in rows)


def test_the_plan_knows_every_demand(night: World, rows: list[dict[str, str]]) -> None:
    plan = Plan(night.plan())

    assert all(row["event_id"] in plan.events_for(address_hash(row["address"])) for row in rows)
    assert plan.events_for("0" * 16) == ()


def test_two_sales_turn_during_the_night(night: World) -> None:
    clock = SteppedClock(START)
    turned: list[bytes] = []
    night.plan_turns(clock, turned.append)

    clock.step_to(START.timestamp() + 3600)

    withdrawn, moved = (event.decode() for event in turned)
    assert "Quiet Cartographers" in withdrawn
    assert "presales" not in withdrawn
    assert '"startDateTime":"2026-05-08T17:55:00Z"' in moved


def test_the_night_is_served(start_lab: Start) -> None:
    lab = start_lab(world=WorldKind.NIGHT, fans=50)

    summary = lab.get("/world/summary").json
    demands = lab.get("/world/demands.csv")

    assert (summary["fans"], summary["start_at"], len(summary["events"])) == (50, "2026-05-08T15:30:00Z", 23)
    assert demands.headers["Content-Type"].startswith("text/csv")
    assert len(demands.body.splitlines()) == summary["demand_rows"] + 1


def test_an_empty_world_has_nothing(lab: Caller) -> None:
    assert lab.get("/world/summary").json["events"] == []
    assert len(lab.get("/world/demands.csv").body.splitlines()) == 1


def test_openings_lie_between_forty_minutes_and_three_hours(start_lab: Start) -> None:
    lab = start_lab(world=WorldKind.NIGHT, fans=50)
    page = lab.get("/discovery/v2/events.json?apikey=lab-key&size=200&includeTest=yes").json

    starts = [
        window["startDateTime"]
        for event in page["_embedded"]["events"]
        for window in [event.get("sales", {}).get("public", {}), *event.get("sales", {}).get("presales", [])]
        if "2026-05-08T15:30:00Z" < window.get("startDateTime", "") < "2026-05-09"
    ]

    assert min(starts) == "2026-05-08T16:10:00Z"
    assert max(starts) == "2026-05-08T18:30:00Z"
