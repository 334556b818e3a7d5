"""Forms as the SMS provider posts them, signed by hand: an implementation of its own, not the one under test."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from tests.doors.web.caller import FORM, Answer
from tests.doors.web.conftest import PUBLIC_URL, TOKEN, Stage

STATUS = "/hooks/sms/twilio/status?n="
INBOUND = "/hooks/sms/twilio/inbound"
DELIVERED = {"MessageSid": "SM1", "SmsSid": "SM1", "MessageStatus": "delivered", "To": "+15145550123", "Empty": ""}
STOP = {"MessageSid": "SM9", "From": "+15145550123", "To": "+15005550006", "Body": "Arrêt", "FromCity": ""}


def sign(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(
    stage: Stage,
    path: str,
    form: Mapping[str, str],
    *,
    base: str = PUBLIC_URL,
    token: str = TOKEN,
    signature: str | None = None,
    **headers: str,
) -> Answer:
    """Post a form, signed for an address of ours unless a signature is given."""
    given = sign(base + path, form, token) if signature is None else signature
    return stage.call("POST", path, urlencode(form).encode(), Content_Type=FORM, X_Twilio_Signature=given, **headers)
