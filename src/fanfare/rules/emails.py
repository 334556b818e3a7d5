"""Email addresses: their one spelling."""

import re

ADDRESS_LENGTH_MAX = 254
"""RFC 5321 4.5.3.1.3, less the angle brackets."""

LOCAL_LENGTH_MAX = 64
"""RFC 5321 4.5.3.1.1."""

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{0,57}[a-z0-9])")


def normalise(written: str) -> str | None:
    """Return the address in lower case, its domain in ASCII (IDNA), or None where it is not a bare address.

    Display names, comments, quoted local parts, address literals, line breaks and other control characters are
    refused: none of them reaches a header. The local part is written in lower case too: no mail server of note tells
    cases apart, and an opt-out of one spelling must bind the other. It must be ASCII, because not every server speaks
    SMTPUTF8.
    """
    if len(written) > ADDRESS_LENGTH_MAX or not written.isprintable():
        return None
    local, _, domain = written.strip(" ").rpartition("@")
    if len(local) > LOCAL_LENGTH_MAX or not _LOCAL.fullmatch(local):
        return None
    ascii_domain = _ascii(domain)
    address = f"{local.lower()}@{ascii_domain}"
    return address if _DOMAIN.fullmatch(ascii_domain) and len(address) <= ADDRESS_LENGTH_MAX else None


def _ascii(domain: str) -> str:
    """Return the domain in lower-case ASCII; empty where it has no such form."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
