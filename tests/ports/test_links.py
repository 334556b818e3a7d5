"""What every engine promises about our own redirects."""

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.ids import EventId
from fanfare.ports.faults import Conflict
from fanfare.ports.links import Redirect
from tests.ports.given import EVENT, Given


def test_a_code_keeps_its_event_and_may_change_its_target(engine: EmbeddedEngine) -> None:
    engine.redirects.put("abc", EVENT, "https://example.com/1")
    engine.redirects.put("abc", EVENT, "https://example.com/2")

    with pytest.raises(Conflict):
        engine.redirects.put("abc", EventId("E2"), "https://example.com/evil")

    assert engine.redirects.get("abc") == Redirect(code="abc", event_id=EVENT, target_url="https://example.com/2")
    assert engine.redirects.get("none") is None


def test_clicks_are_counted_by_code_and_by_event(engine: EmbeddedEngine, given: Given) -> None:
    engine.redirects.put("a", EVENT, "https://example.com/1")
    engine.redirects.put("b", EVENT, "https://example.com/1")
    for code in ("a", "a", "b", "unknown"):
        engine.redirects.clicked(code, given.now)
    engine.redirects.put("a", EVENT, "https://example.com/2")

    found = engine.redirects.get("a")
    assert found is not None
    assert found.clicks == 2
    assert engine.redirects.clicks(EVENT) == 3
    assert engine.redirects.clicks(EventId("none")) == 0
