"""The table of regions and zones."""

from zoneinfo import ZoneInfo

from fanfare.rules.regions import EVERY_ZONE, REGIONS_BY_ZONE, ZONES_BY_REGION


def test_it_holds_every_state_province_and_territory() -> None:
    states = [region for region in ZONES_BY_REGION if region.startswith("US-")]
    provinces = [region for region in ZONES_BY_REGION if region.startswith("CA-")]

    assert (len(states), len(provinces)) == (50 + 1 + 5, 13)


def test_every_zone_is_one_that_the_database_knows() -> None:
    for zone in REGIONS_BY_ZONE:
        assert ZoneInfo(zone).key == zone


def test_it_reads_the_same_both_ways() -> None:
    forward = {(region, zone) for region, zones in ZONES_BY_REGION.items() for zone in zones}

    assert {(region, zone) for zone, regions in REGIONS_BY_ZONE.items() for region in regions} == forward


def test_two_zone_states_have_both() -> None:
    assert set(ZONES_BY_REGION["US-FL"]) == {"America/New_York", "America/Chicago"}
    assert REGIONS_BY_ZONE["America/St_Johns"] == ("CA-NL",)


def test_a_fan_of_whom_nothing_is_known_is_not_looked_for_on_the_islands() -> None:
    assert "Pacific/Honolulu" in EVERY_ZONE
    assert not {"Pacific/Guam", "America/Puerto_Rico"} & set(EVERY_ZONE)
