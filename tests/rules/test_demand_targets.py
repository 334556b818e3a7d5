from datetime import UTC, datetime

from fanfare.rules import demand_targets
from tests.ports.given import a_demand

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_demand_is_for_its_event_or_its_attraction() -> None:
    assert demand_targets.target(a_demand(1, NOW)) == "event:E1"
    assert demand_targets.target(a_demand(1, NOW, event_id=None)) == "attraction:A1"
