"""When a provider is left in peace: a circuit breaker per sender.

While it is open, rows wait and no attempt is spent on a provider that is down. Then one row at a time probes it, and
the first answer closes the breaker. Trouble is what says nothing of the message itself: nothing left, or bytes left and
no answer came. A refusal, a 429 and an acceptance are answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

WINDOW = 20
"""How many of the last outcomes are looked at."""
OUTCOMES_MIN = 5
"""Fewer say too little."""
TROUBLED_SHARE_MAX = 0.5
FIRST_WAIT_SECONDS = 2.0
"""How long the first pause is; it doubles with each probe that fails."""
WAIT_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is remembered of a sender's provider. Instants are monotonic seconds."""

    recent: tuple[bool, ...] = ()
    """Whether each of the last outcomes was trouble."""
    failures: int = 0
    """How often it opened since the last answer; 0 when it is closed."""
    open_until: float = 0.0

    def allowance(self, wanted: int, now: float) -> int:
        """Return how many rows may be tried: all when closed, none while open, then one."""
        if not self.failures:
            return wanted
        return min(wanted, 1) if now >= self.open_until else 0

    def after(self, troubled: Sequence[bool], now: float) -> Self:
        """Return the breaker after a batch with these outcomes, none of them held back by ourselves."""
        if not troubled:
            return self
        if self.failures and not all(troubled):
            return replace(self, recent=tuple(troubled)[-WINDOW:], failures=0, open_until=0.0)
        recent = (*self.recent, *troubled)[-WINDOW:]
        if not self.failures and not _is_down(recent):
            return replace(self, recent=recent)
        wait = min(FIRST_WAIT_SECONDS * 2**self.failures, WAIT_SECONDS_MAX)
        return replace(self, recent=recent, failures=self.failures + 1, open_until=now + wait)


def _is_down(recent: Sequence[bool]) -> bool:
    return len(recent) >= OUTCOMES_MIN and sum(recent) > len(recent) * TROUBLED_SHARE_MAX
