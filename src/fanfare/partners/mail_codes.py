"""Codes of returned mail in our words.

A code is an enhanced status without its dots (RFC 3463: 5.1.1 becomes 511, 5.1.10 becomes 5110). What a
fan does about a mail has no such status; it gets a number of ours that no status can have.
"""

import re

from fanfare.model.notification import Reason
from fanfare.ports.report_codes import Meaning

STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
CODE_DIGITS_MAX = 4  # longer details (5.7.509) are cut, so that no code of a mail looks like one of a text

COMPLAINT_CODE = 900
"""The fan pressed *spam*: recorded as an opt-out."""
UNSUBSCRIBED_CODE = 901
"""The fan wrote to the address of List-Unsubscribe: an opt-out too."""

_BOUNCED = Meaning(reason=Reason.BOUNCED)
_OURS: dict[int | None, Meaning] = {
    COMPLAINT_CODE: Meaning(reason=Reason.COMPLAINED, opted_out=True),
    UNSUBSCRIBED_CODE: Meaning(reason=Reason.OPTED_OUT, opted_out=True),
}
_MEANINGS = {
    "51": Meaning(reason=Reason.INVALID_ADDRESS),  # X.1: the address itself
    "57": Meaning(reason=Reason.BLOCKED),  # X.7: security or policy of the receiver
}


def bounce_meaning(code: int | None) -> Meaning:
    """Return what a returned mail's code says. Mail that came back is never sent again."""
    return _OURS.get(code) or _MEANINGS.get(str(code)[:2], _BOUNCED)


def code_of_status(status: str) -> int | None:
    """Return ``5.1.1`` as 511; None for what is no enhanced status (RFC 3463: class.subject.detail)."""
    return int("".join(status.split("."))[:CODE_DIGITS_MAX]) if STATUS.fullmatch(status) else None
