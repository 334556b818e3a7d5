"""What a demand is for, as the lists of demands are named."""

from fanfare.model.demand import Demand


def target(demand: Demand) -> str:
    """Return ``event:<id>`` or ``attraction:<id>``."""
    return f"event:{demand.event_id}" if demand.event_id else f"attraction:{demand.attraction_id}"
