"""Codes of returned mail in our words.

A code is an enhanced status without its dots (RFC 3463: 5.1.1 becomes 511, 5.1.10 becomes 5110). A complaint has no
such status; it gets a number of ours that no status can have.
"""

from fanfare.model.notification import Reason
from fanfare.ports.report_codes import Meaning

COMPLAINT_CODE = 900
"""The fan pressed *spam*: recorded as an opt-out."""

_BOUNCED = Meaning(reason=Reason.BOUNCED)
_COMPLAINED = Meaning(reason=Reason.COMPLAINED, opted_out=True)
_MEANINGS = {
    "51": Meaning(reason=Reason.INVALID_ADDRESS),  # X.1: the address itself
    "57": Meaning(reason=Reason.BLOCKED),  # X.7: security or policy of the receiver
}


def bounce_meaning(code: int | None) -> Meaning:
    """Return what a returned mail's code says. Mail that came back is never sent again."""
    if code == COMPLAINT_CODE:
        return _COMPLAINED
    return _MEANINGS.get(str(code)[:2], _BOUNCED)


def code_of_status(status: str) -> int | None:
    """Return ``5.1.1`` as 511; None for what is no enhanced status."""
    parts = status.split(".")
    is_status = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts)  # noqa: PLR2004 - RFC 3463: class.subject.detail, up to three digits
    return int("".join(parts)) if is_status else None
