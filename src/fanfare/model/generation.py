"""A generation request: ``{eventId, saleId}`` as it travels on the queue, and where a long job goes on."""

import json
from dataclasses import dataclass
from typing import Any, Self, cast

from fanfare.model.ids import EventId, FanRef, SaleId

QUEUE = "generation"
"""The queue that generation requests travel on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One step of generating a sale. The first step names event and sale only; each step asks for the next."""

    event_id: EventId
    sale_id: SaleId
    fan_ref: FanRef | None = None
    """One late fan instead of the audience."""
    target: int = 0
    """Which of the sale's lists of demands this step reads."""
    after: int | None = None
    shard: int | None = None
    """None in the first step, which starts one chain per shard."""
    waited_seconds: int = 0
    """How long it has waited for a short link."""

    @property
    def key(self) -> str:
        """Equal for requests that need not wait twice in the queue."""
        return f"{self.sale_id}/{self.fan_ref}/{self.target}/{self.after}/{self.shard}"

    def to_json(self) -> str:
        """Return the queue's form, without what is left at its default."""
        parts = {
            "eventId": self.event_id,
            "saleId": self.sale_id,
            "fanRef": self.fan_ref,
            "target": self.target or None,
            "after": self.after,
            "shard": self.shard,
            "waitedSeconds": self.waited_seconds or None,
        }
        return json.dumps({name: value for name, value in parts.items() if value is not None})

    @classmethod
    def from_json(cls, body: str) -> Self:
        """Read the queue's form.

        Raises:
            ValueError: it is no JSON object with eventId and saleId.
        """
        read = json.loads(body)
        parts = cast("dict[str, Any]", read if isinstance(read, dict) else {})
        ids = (parts.get("eventId"), parts.get("saleId"))
        if not all(isinstance(each, str) for each in ids):
            raise ValueError("a generation request is a JSON object with eventId and saleId")
        return cls(
            event_id=EventId(parts["eventId"]),
            sale_id=SaleId(parts["saleId"]),
            fan_ref=parts.get("fanRef"),
            target=parts.get("target", 0),
            after=parts.get("after"),
            shard=parts.get("shard"),
            waited_seconds=parts.get("waitedSeconds", 0),
        )
