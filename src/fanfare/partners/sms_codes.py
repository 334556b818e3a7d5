"""The SMS provider's error codes and status words in ours.

Names of the codes are the provider's (Twilio's error dictionary); what follows from each is policy. Codes of 20 and 21
thousand answer a request, codes of 30 thousand arrive in reports, and a few come either way.
"""

from types import MappingProxyType

from fanfare.model.notification import Reason
from fanfare.model.report import ReportStatus
from fanfare.ports.report_codes import Meaning

CODES_END = 1_000_000
"""Codes have five digits. A number that no column can hold would cost a whole batch its outcomes."""

_NOT_NOW = Meaning(reason=Reason.CARRIER_LIMIT, may_retry=True)
_BAD_NUMBER = Meaning(reason=Reason.INVALID_NUMBER)
_UNREACHABLE = Meaning(reason=Reason.UNREACHABLE)
_BLOCKED = Meaning(reason=Reason.BLOCKED)
_OUR_TEXT = Meaning(reason=Reason.REJECTED, alert=True)
_OUR_SENDER = Meaning(reason=Reason.SENDER_PROBLEM, alert=True)
_CAPPED = Meaning(reason=Reason.CARRIER_LIMIT)
_FAILED = Meaning(reason=Reason.REPORTED_FAILED)

MEANINGS = MappingProxyType(
    {
        14107: _CAPPED,  # too many to one number in 30 s
        20003: _OUR_SENDER,  # credentials refused
        20404: _OUR_SENDER,  # no such account
        20429: _CAPPED,  # too many requests at once; documented as not processed
        21211: _BAD_NUMBER,
        21214: _UNREACHABLE,
        21217: _BAD_NUMBER,
        21219: _OUR_SENDER,  # trial account
        21408: _OUR_SENDER,  # country not enabled
        21602: _OUR_TEXT,  # no body
        21603: _OUR_TEXT,
        21604: _OUR_TEXT,  # no recipient
        21605: _OUR_TEXT,
        21606: _OUR_SENDER,  # From is not ours
        21608: _OUR_SENDER,  # trial account
        21610: Meaning(reason=Reason.OPTED_OUT, opted_out=True),
        21611: _NOT_NOW,  # the sender's queue is full
        21612: _UNREACHABLE,  # no route for this pair
        21614: _BAD_NUMBER,  # not a mobile number
        21617: _OUR_TEXT,  # too long
        21620: _OUR_TEXT,
        21703: _OUR_SENDER,  # the pool has no number
        21704: _OUR_SENDER,
        21910: _OUR_SENDER,
        30001: _NOT_NOW,  # queue overflow
        30002: _OUR_SENDER,  # account suspended
        30003: _UNREACHABLE,  # handset off; the text may still arrive, so it is never sent again
        30004: _BLOCKED,
        30005: _BAD_NUMBER,  # unknown handset
        30006: _BAD_NUMBER,  # landline
        30007: Meaning(reason=Reason.FILTERED),
        30008: _FAILED,  # unknown to the carrier as well
        30017: _NOT_NOW,  # carrier congestion
        30019: _OUR_TEXT,
        30022: _NOT_NOW,  # 10DLC rate exceeded
        30023: _CAPPED,  # daily cap until midnight Pacific
        30024: _OUR_SENDER,
        30027: _CAPPED,
        30032: _OUR_SENDER,  # toll-free number not verified
        30034: _OUR_SENDER,  # 10DLC number not registered
        30035: _OUR_SENDER,
        30036: Meaning(reason=Reason.VALIDITY_PASSED),
        30410: _FAILED,  # the carrier timed out; the provider does not retry either, to avoid doubles
        30450: _BLOCKED,  # blocked for a while
        63038: Meaning(reason=Reason.CARRIER_LIMIT, alert=True),  # the account's daily limit
    }
)

RETRYABLE_ANSWERS = frozenset({14107, 20429, 21611})
"""Codes of an answer that say *not taken, try later*. In a report, ``Meaning.may_retry`` says it."""

STATUSES = MappingProxyType(
    {
        "delivered": ReportStatus.DELIVERED,
        "read": ReportStatus.DELIVERED,
        "undelivered": ReportStatus.UNDELIVERED,
        "failed": ReportStatus.UNDELIVERED,
        "canceled": ReportStatus.UNDELIVERED,
    }
)


def report_meaning(code: int | None) -> Meaning:
    """Return what a report's code says; one that is not listed is a failure that is never retried."""
    return MEANINGS.get(code, _FAILED) if code is not None else _FAILED


def answer_meaning(status: int, code: int | None) -> Meaning:
    """Return what the answer to a request says, by its code, else by its HTTP status (400 to 499)."""
    known = MEANINGS.get(code) if code is not None else None
    if known is not None:
        return known
    return _OUR_SENDER if status in {401, 403, 404} else Meaning(reason=Reason.REJECTED)


def report_status(word: str) -> ReportStatus:
    """Return what a status word changes; words that the provider adds later change nothing."""
    return STATUSES.get(word, ReportStatus.PROGRESS)
