"""The form that creates a text, checked as the provider checks it."""

import re
from typing import NamedTuple

import msgspec

from fanfare.lab.http import Exchange
from fanfare.lab.messages import VALIDITY_SECONDS_MAX

BODY_LETTERS_MAX = 1600
POOL_SENDER = "+15005550006"  # whom a messaging service picks when the form names no sender
_NUMBER = re.compile(r"\+(?:1[2-9]\d{2}[2-9]\d{6}|(?!1)[2-9]\d{6,14})")
_SENDER = re.compile(r"\+?\d{3,15}|[A-Za-z0-9 ]{1,11}")
_CALLBACK = re.compile(r"https?://(?:[^/?#@\s]*@)?[^/?#@_\s]+(?:[/?#]\S*)?")  # no underscore in the host
_SERVICE = re.compile(r"MG[0-9a-f]{32}")


class SmsError(NamedTuple):
    """A refusal with the provider's code."""

    code: int
    status: int
    message: str

    def answer(self, exchange: Exchange) -> None:
        """End the call with it."""
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        problem = {"code": self.code, "message": self.message, "more_info": more_info, "status": self.status}
        exchange.json(self.status, problem)


UNAUTHORIZED = SmsError(20003, 401, "Authenticate")
NOT_FOUND = SmsError(20404, 404, "The requested resource was not found")
INVALID_TO = SmsError(21211, 400, "The 'To' number is not a valid phone number.")
NOT_MOBILE = SmsError(21614, 400, "'To' number is not a valid mobile number")
OPTED_OUT = SmsError(21610, 400, "Attempt to send to unsubscribed recipient")
_NO_TO = SmsError(21604, 400, "A 'To' phone number is required.")
_NO_SENDER = SmsError(21603, 400, "A 'From' phone number is required.")
_NO_BODY = SmsError(21602, 400, "Message body is required.")
_INVALID_SENDER = SmsError(21212, 400, "The 'From' number is not a valid phone number, shortcode, or sender ID.")
_INVALID_SERVICE = SmsError(21701, 404, "The Messaging Service does not exist.")
_TOO_LONG = SmsError(21617, 400, "The concatenated message body exceeds the 1600 character limit.")
_INVALID_CALLBACK = SmsError(21609, 400, "The 'StatusCallback' URL is not a valid URL.")
_INVALID_VALIDITY = SmsError(20001, 400, "ValidityPeriod is out of range.")
_NO_SCHEDULE = SmsError(35118, 400, "The lab does not schedule: send when it is due.")


class TextRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A form without fault."""

    to: str
    body: str
    sender: str
    service_sid: str | None
    status_callback: str | None
    validity_seconds: int


def check(form: dict[str, str]) -> TextRequest | SmsError:
    """Return the request, or what the provider would refuse it for."""
    wrong = _missing(form) or _invalid_numbers(form) or _invalid_rest(form)
    if wrong is not None:
        return wrong
    return TextRequest(
        to=form["To"],
        body=form["Body"],
        sender=form.get("From") or POOL_SENDER,
        service_sid=form.get("MessagingServiceSid") or None,
        status_callback=form.get("StatusCallback") or None,
        validity_seconds=int(form.get("ValidityPeriod") or VALIDITY_SECONDS_MAX),
    )


def _missing(form: dict[str, str]) -> SmsError | None:
    if not form.get("To"):
        return _NO_TO
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return _NO_SENDER
    return None if form.get("Body") else _NO_BODY


def _invalid_numbers(form: dict[str, str]) -> SmsError | None:
    if _NUMBER.fullmatch(form["To"]) is None:
        return INVALID_TO
    if (sender := form.get("From")) and _SENDER.fullmatch(sender) is None:
        return _INVALID_SENDER
    service = form.get("MessagingServiceSid")
    return _INVALID_SERVICE if service and _SERVICE.fullmatch(service) is None else None


def _invalid_rest(form: dict[str, str]) -> SmsError | None:
    if len(form["Body"]) > BODY_LETTERS_MAX:
        return _TOO_LONG
    if (callback := form.get("StatusCallback")) and _CALLBACK.fullmatch(callback) is None:
        return _INVALID_CALLBACK
    if (validity := form.get("ValidityPeriod")) and not _is_validity(validity):
        return _INVALID_VALIDITY
    return _NO_SCHEDULE if form.get("ScheduleType") else None


def _is_validity(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= VALIDITY_SECONDS_MAX
