"""Demand and consent."""

from dataclasses import FrozenInstanceError, fields

import pytest

from fanfare.model.demand import Consent, ConsentSource, Demand, DemandRequest
from tests.builders import NOW, a_demand


def test_a_consent_is_an_imports_unless_it_was_given_at_our_door() -> None:
    assert Consent(at=NOW, text_id="t", source="s").intake is ConsentSource.IMPORT


def test_a_request_carries_the_address_and_a_stored_demand_does_not() -> None:
    asked, stored = ({field.name for field in fields(kind)} for kind in (DemandRequest, Demand))

    assert "address" in asked
    assert "address" not in stored
    assert {"address_hash", "address_sealed"} <= stored


def test_what_a_fan_asked_for_stays() -> None:
    with pytest.raises(FrozenInstanceError):
        a_demand().brand = "another"  # pyright: ignore[reportAttributeAccessIssue]
