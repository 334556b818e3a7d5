"""Demand and consent."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from fanfare.model.demand import Consent, ConsentSource, Demand, DemandRequest
from tests.builders import NOW, a_demand
from tests.ports.given import a_demand as given_demand


def test_a_consent_is_an_imports_unless_it_was_given_at_our_door() -> None:
    assert Consent(at=NOW, text_id="t", source="s").intake is ConsentSource.IMPORT


def test_a_request_carries_the_address_and_a_stored_demand_does_not() -> None:
    asked, stored = ({field.name for field in fields(kind)} for kind in (DemandRequest, Demand))

    assert "address" in asked
    assert "address" not in stored
    assert {"address_hash", "address_sealed"} <= stored


def test_a_demand_is_for_its_event_or_its_attraction() -> None:
    stored = given_demand(1, NOW)

    assert stored.target == "event:E1"
    assert replace(stored, event_id=None, attraction_id="A1").target == "attraction:A1"


def test_what_a_fan_asked_for_stays() -> None:
    with pytest.raises(FrozenInstanceError):
        a_demand().brand = "another"  # pyright: ignore[reportAttributeAccessIssue]
