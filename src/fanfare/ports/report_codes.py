"""What a provider's code says about a message that failed."""

from dataclasses import dataclass
from typing import Protocol

from fanfare.model.notification import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A provider's code in our words."""

    reason: Reason
    may_retry: bool = False
    """Says *not delivered, try later*: only then may a message go out again."""
    opted_out: bool = False
    """The fan opted out at the provider; to be recorded on our side too."""
    alert: bool = False
    """The sender or the account is at fault, or our own request: an operator has to look."""


class ReportCodes(Protocol):
    """Every provider's codes. A code that nobody listed is a failure that is never retried."""

    def reason(self, provider: str, code: int | None) -> Reason:
        """Return why a message failed."""
        ...

    def may_retry(self, provider: str, code: int | None) -> bool:
        """Return whether the code says that the message was not delivered and may be tried later."""
        ...

    def opted_out(self, provider: str, code: int | None) -> bool:
        """Return whether the code says that the fan opted out."""
        ...

    def alerts(self, provider: str, code: int | None) -> bool:
        """Return whether an operator has to look."""
        ...
