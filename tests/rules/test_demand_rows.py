"""Rows of an opt-in file, taken or refused with a fix."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Channel, Locale
from fanfare.model.demand import Consent, ConsentSource, DemandRequest
from fanfare.model.ids import EventId, FanId, SaleId
from fanfare.rules import demand_rows
from fanfare.rules.demand_rows import Refused

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)
BRANDS = frozenset({"ticketmaster", "livenation"})
ROW = {
    "fan_id": "fan-1",
    "event_id": "G5dExAmPlE01",
    "attraction_id": "",
    "channel": "sms",
    "address": "+15145550123",
    "locale": "fr-ca",
    "brand": "ticketmaster",
    "zone": "America/Toronto",
    "region": "CA-QC",
    "consent_at": "2026-02-01T10:00:00-05:00",
    "consent_text_id": "sms-2026-01",
    "consent_source": "https://tickets.example.test/artist",
    "sale_id": "",
}


def parse(**changes: str | None) -> DemandRequest | Refused:
    return demand_rows.parse(ROW | changes, now=NOW, brands=BRANDS)


def test_a_whole_row_becomes_an_opt_in() -> None:
    assert parse() == DemandRequest(
        fan_id=FanId("fan-1"),
        event_id=EventId("G5dExAmPlE01"),
        attraction_id=None,
        sale_id=None,
        channel=Channel.SMS,
        address="+15145550123",
        locale=Locale.FR_CA,
        brand="ticketmaster",
        zone="America/Toronto",
        region="CA-QC",
        consent=Consent(
            at=datetime(2026, 2, 1, 15, tzinfo=UTC),
            text_id="sms-2026-01",
            source="https://tickets.example.test/artist",
            intake=ConsentSource.IMPORT,
        ),
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("consent_source", "+15145550123"),
        ("consent_source", "(514) 555-0123"),
        ("consent_source", "zoe@example.com"),
        ("consent_source", "form of zoe@example.com."),
        ("consent_source", "call 514-555-0123"),
        ("consent_text_id", "5145550123"),
    ],
)
def test_an_address_that_slipped_into_a_column_was_stored_in_the_clear_and_is_refused(field: str, text: str) -> None:
    found = parse(**{field: text})

    assert isinstance(found, Refused)
    assert found.field == field
    assert text not in found.reason + found.fix


def test_the_header_names_every_field_of_a_row() -> None:
    assert set(demand_rows.FIELDS) == set(ROW)


def test_the_intake_is_told_by_the_door() -> None:
    taken = demand_rows.parse(ROW, now=NOW, brands=BRANDS, intake=ConsentSource.DOOR)

    assert isinstance(taken, DemandRequest)
    assert taken.consent.intake is ConsentSource.DOOR


def test_what_may_be_unknown_may_be_left_out() -> None:
    required = {field: ROW[field] for field in ROW if field not in {"locale", "zone", "region", "sale_id"}}

    taken = demand_rows.parse(required, now=NOW, brands=BRANDS)

    assert isinstance(taken, DemandRequest)
    assert (taken.locale, taken.zone, taken.region, taken.sale_id) == (None, None, None, None)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"channel": " SMS "}, "channel", Channel.SMS),
        ({"channel": "email", "address": "Fan@Example.TEST"}, "address", "fan@example.test"),
        ({"address": "(514) 555-0123"}, "address", "+15145550123"),
        ({"locale": "EN_us"}, "locale", Locale.EN_US),
        ({"brand": "LiveNation"}, "brand", "livenation"),
        ({"region": "us-ny"}, "region", "US-NY"),
        ({"event_id": "", "attraction_id": "K8vZExample"}, "attraction_id", "K8vZExample"),
        ({"attraction_id": "K8vZExample"}, "attraction_id", None),
        ({"sale_id": "G5dExAmPlE01:artist-presale-2"}, "sale_id", SaleId("G5dExAmPlE01:artist-presale-2")),
        ({"zone": "US/Eastern"}, "zone", "US/Eastern"),
        ({"zone": None}, "zone", None),
    ],
)
def test_spellings_are_made_one(changes: dict[str, str | None], field: str, value: object) -> None:
    taken = parse(**changes)

    assert isinstance(taken, DemandRequest), taken
    assert getattr(taken, field) == value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fan_id": ""}, "fan_id"),
        ({"fan_id": "fan@example.test"}, "fan_id"),
        ({"fan_id": "f" * 65}, "fan_id"),
        ({"fan_id": None}, "fan_id"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": "two words"}, "event_id"),
        ({"event_id": "", "attraction_id": "a/b"}, "attraction_id"),
        ({"channel": "fax"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"address": ""}, "address"),
        ({"address": "+18005550123"}, "address"),
        ({"address": "5145550123", "region": ""}, "address"),
        ({"address": "5145550123", "region": "FR-IDF"}, "address"),
        ({"channel": "email"}, "address"),
        ({"channel": "email", "address": ""}, "address"),
        ({"channel": "email", "address": "Fan <fan@example.test>"}, "address"),
        ({"channel": "email", "address": "fan@example.test\r\nBcc: x@example.test"}, "address"),
        ({"locale": "de-de"}, "locale"),
        ({"brand": ""}, "brand"),
        ({"brand": "other"}, "brand"),
        ({"zone": "America/Nowhere"}, "zone"),
        ({"zone": "America"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"zone": "5145550123"}, "zone"),
        ({"region": "Quebec"}, "region"),
        ({"consent_at": ""}, "consent_at"),
        ({"consent_at": "yesterday"}, "consent_at"),
        ({"consent_at": "2026-02-01T10:00:00"}, "consent_at"),
        ({"consent_at": "2026-02-01"}, "consent_at"),
        ({"consent_at": "1970-01-01T00:00:00Z"}, "consent_at"),
        ({"consent_at": "2026-05-08T12:05:01Z"}, "consent_at"),
        ({"consent_at": "0001-01-01T00:00:00+14:00"}, "consent_at"),
        ({"consent_at": "9999-12-31T23:59:59-12:00"}, "consent_at"),
        ({"consent_text_id": ""}, "consent_text_id"),
        ({"consent_text_id": "words of the consent"}, "consent_text_id"),
        ({"consent_source": ""}, "consent_source"),
        ({"consent_source": "s" * 201}, "consent_source"),
        ({"consent_source": "page\n2"}, "consent_source"),
        ({"sale_id": "artist-presale"}, "sale_id"),
        ({"sale_id": "OtherEvent:artist-presale"}, "sale_id"),
        ({"sale_id": "G5dExAmPlE01:x", "event_id": "", "attraction_id": "K8vZExample"}, "sale_id"),
    ],
)
def test_a_refusal_names_the_field_the_reason_and_the_fix(changes: dict[str, str | None], field: str) -> None:
    refused = parse(**changes)

    assert isinstance(refused, Refused)
    assert refused.field == field
    assert refused.reason
    assert refused.fix


def test_clocks_may_differ_by_minutes() -> None:
    assert isinstance(parse(consent_at=(NOW + timedelta(minutes=5)).isoformat()), DemandRequest)


@pytest.mark.parametrize("field", demand_rows.FIELDS)
@pytest.mark.parametrize("leaked", ["+15005550006", "zoe.b@example.test <zoe>"])
def test_an_address_in_any_column_is_never_repeated(field: str, leaked: str) -> None:
    for channel in ("sms", "email"):
        outcome = demand_rows.parse({**ROW, "channel": channel, field: leaked}, now=NOW, brands=BRANDS)
        if isinstance(outcome, Refused):
            said = f"{outcome.reason} {outcome.fix}"
            assert leaked not in said
            assert "5005550" not in said
            assert "zoe.b" not in said


@pytest.mark.parametrize(
    ("address", "shown"),
    [("+15145550123", "...23"), ("a@b.ca", "..."), ("12345678", "...78"), ("1234567", "..."), ("", "...")],
)
def test_of_an_address_two_signs_are_shown(address: str, shown: str) -> None:
    assert demand_rows.mask(address) == shown


@given(st.dictionaries(st.sampled_from(demand_rows.FIELDS), st.none() | st.text(max_size=40)))
def test_no_row_breaks_the_file(changes: dict[str, str | None]) -> None:
    outcome = demand_rows.parse(ROW | changes, now=NOW, brands=BRANDS)

    assert isinstance(outcome, DemandRequest | Refused)
    if isinstance(outcome, DemandRequest):
        assert (outcome.event_id is None) != (outcome.attraction_id is None)
        assert outcome.consent.at.tzinfo is UTC
