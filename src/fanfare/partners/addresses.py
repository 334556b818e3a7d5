"""Which machines may be contacted: the last look at an address before a socket opens.

Judged is the address that a name resolved to, never the name, so nothing can change between check and use.
"""

import ipaddress
from dataclasses import dataclass

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 forms of IPv4 addresses (RFC 6052): they reach what the last four bytes say."""

INWARD = tuple(
    ipaddress.ip_network(each)
    for each in (
        "168.63.129.16/32",  # a cloud's metadata in a public range; the others answer in link-local or private ones
        "192.0.0.0/24",  # protocol assignments, another cloud's metadata among them; Python's versions differ on it
        "64:ff9b:1::/48",  # NAT64 for local use (RFC 8215)
    )
)
"""What the standard library's *global* lets through although it leads inside."""

LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Who may be spoken to. The default is the practice stage on this machine only."""

    live: bool = False
    """False: loopback addresses only, so a forgotten setting cannot reach a real fan."""
    allow_private: bool = False
    """Whether a live system may reach private, loopback and link-local addresses (a relay in the same network)."""

    def refusal_of_host(self, host: str) -> str | None:
        """Return why a host may not even be looked up; None when its address decides."""
        if self.live or is_loopback_name(host):
            return None
        return f"{host} is not on this machine and live is false; to send for real, set live = true"

    def refusal_of_address(self, address: str) -> str | None:
        """Return why an address may not be contacted; None when it may."""
        try:
            ip = _reached(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return "the address is not an IP address"
        if self.live:
            return None if self.allow_private or _is_public(ip) else "the address is not public"
        return None if ip.is_loopback else "the address is not on this machine; to send for real, set live = true"


def is_loopback_name(host: str) -> bool:
    """Whether a host names this machine: a loopback address, or a name that is one by RFC 6761."""
    name = host.strip("[]").rstrip(".").lower()
    if name in LOOPBACK_NAMES or name.endswith(".localhost"):
        return True
    try:
        return _reached(ipaddress.ip_address(name)).is_loopback
    except ValueError:
        return False


def _is_public(ip: IpAddress) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in INWARD)


def _reached(ip: IpAddress) -> IpAddress:
    """Unwrap the IPv6 forms that stand for an IPv4 address."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
