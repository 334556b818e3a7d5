"""One measured figure beside what it has to reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reach(StrEnum):
    """On which side of its bound a figure has to be."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its unit; ``bound`` is None where nothing is asked of it."""

    name: str
    value: float
    unit: str
    reach: Reach = Reach.AT_MOST
    bound: float | None = None
    details: Mapping[str, float | str] = field(default_factory=dict[str, float | str])

    @property
    def is_reached(self) -> bool | None:
        """Whether it is where it has to be; None where nothing is asked."""
        if self.bound is None:
            return None
        return self.value <= self.bound if self.reach is Reach.AT_MOST else self.value >= self.bound
