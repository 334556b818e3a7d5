"""The doctor's checks of the settings: who speaks, what with, and whether the partners are there."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from fanfare import wiring
from fanfare.doors.cli import findings
from fanfare.doors.cli.findings import Finding
from fanfare.model.channel import Brand
from fanfare.partners.addresses import is_loopback_name
from fanfare.rules import sms_text
from fanfare.settings import Settings

CONNECT_SECONDS = 2.0
WIDEST_CODE = "w" * 10
"""As long as codes of our own short links get."""


def run(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    """Check the settings."""
    yield from _speakers(settings)
    yield from _words(settings)
    yield from _live(settings)
    if not offline:
        yield from _partners(settings)


def _speakers(settings: Settings) -> Iterator[Finding]:
    known = {brand.key for brand in settings.brands}
    if not known:
        yield findings.problem("brands", "there are none", fix="add [[brands]] to fanfare.toml")
    for sender in settings.senders:
        for brand in sorted(set(sender.brands) - known):
            fix = f"add it under [[brands]], or take it from {sender.name}"
            yield findings.problem("senders", f"{sender.name} speaks for {brand}, which is no brand", fix=fix)
    for brand in sorted(known):
        yield _channels(brand, settings)


def _channels(brand: str, settings: Settings) -> Finding:
    channels = {sender.channel for sender in settings.senders if brand in sender.brands}
    missing = sorted({"sms", "email"} - channels)
    if not missing:
        return findings.ok("senders", f"{brand} speaks by sms and email")
    told = f"nothing carries {' and '.join(missing)} for {brand}: those rows end SUPPRESSED(no_sender)"
    fix = "add a [[senders]] entry"
    return findings.warning("senders", told, fix=fix) if channels else findings.problem("senders", told, fix=fix)


def _words(settings: Settings) -> Iterator[Finding]:
    link = f"{settings.public_link_base}/r/{WIDEST_CODE}"
    for brand in wiring.brands_of(settings).values():
        yield _fit(brand, link)


def _fit(brand: Brand, link: str) -> Finding:
    mistakes = sms_text.rehearse(brand, link=link, contact_link=brand.contact_url)
    if not mistakes:
        return findings.ok("words", f"every text of {brand.key} fits one segment")
    return findings.problem(
        "words", f"{brand.key}: {mistakes[0].fix}", fix="shorten the brand's name, contact_url or links.base_url"
    )


def _live(settings: Settings) -> Iterator[Finding]:
    if not settings.live:
        yield findings.ok("live", "false: only partners on this machine are spoken to")
        return
    if is_loopback_name(urlsplit(settings.public_link_base).hostname or ""):
        yield findings.problem(
            "links", f"texts would carry {settings.public_link_base}", fix="set links.base_url or web.public_url"
        )
    if not settings.sms.auth_token.get_secret_value():
        yield findings.problem("sms", "no auth_token is set", fix="set FANFARE_SMS__AUTH_TOKEN")
    if is_loopback_name(urlsplit(settings.sms.base_url).hostname or ""):
        yield findings.problem("sms", f"live, but {settings.sms.base_url} is this machine", fix="set sms.base_url")
    yield findings.ok("live", "true: fans are told")


def _partners(settings: Settings) -> Iterator[Finding]:
    addresses = {
        "discovery": _host_port(settings.discovery.base_url),
        "sms": _host_port(settings.sms.base_url),
        "email": (settings.email.host, settings.email.port),
    }
    for name, (host, port) in addresses.items():
        if settings.live or is_loopback_name(host):
            yield _answers(name, host, port)
        else:
            fix = "set live = true when it is time, or point it to the practice stage"
            yield findings.warning(name, f"{host} is not spoken to while live is false", fix=fix)


def _host_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _answers(name: str, host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        fix = "run: fanfare lab" if is_loopback_name(host) else "check the address and the network"
        return findings.warning(name, f"{host}:{port} does not answer ({error.strerror or error})", fix=fix)
    return findings.ok(name, f"{host}:{port} answers")
