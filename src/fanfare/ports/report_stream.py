"""Reports and inbound texts that a provider streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fanfare.model.report import InboundText, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """What came after a position. May repeat what came before."""

    reports: Sequence[Report]
    """Only those that change a row; progress is dropped on arrival."""
    texts: Sequence[InboundText]
    malformed: Sequence[tuple[str, str]]
    """Lines that could not be read, with the reason."""
    position: str


class ReportStream(Protocol):
    """At least once, any order."""

    @property
    def provider(self) -> str:
        """Name of the provider."""
        ...

    def read(self, after: str | None, limit: int, wait_seconds: float) -> StreamPage:
        """Return what came after a position, waiting a while for the first.

        Raises:
            Transient: out of reach.
        """
        ...


class BounceSource(Protocol):
    """Where returned mail arrives."""

    def take(self, limit: int) -> tuple[tuple[str, Report | None], ...]:
        """Return (name, report) of waiting bounces; None where a message is no readable bounce of ours."""
        ...

    def done(self, names: Sequence[str]) -> None:
        """Forget bounces that were applied."""
        ...
