"""X-Twilio-Signature: how a webhook proves that it comes from the provider."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return base64(HMAC-SHA1(token, URL then each name and value, by name)); the values are the decoded ones."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()
