"""Says which addresses are public. It has its own tables, since Python's tables differ between its versions.

Source: IANA's registries of special-purpose addresses (RFC 6890 and its successors), and the cloud providers' pages for
the addresses at which a machine reads its own credentials.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
    )
)
"""Cloud metadata services: they give credentials and settings to every caller. 168.63.129.16 looks public."""

_NOWHERE = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
    IPv6Network("::/128"),
    IPv6Network("ff00::/8"),
)
"""Unspecified, multicast and reserved: no server has such an address, but some systems use 0.0.0.0 for themselves."""

_SPECIAL_V4 = tuple(
    IPv4Network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
    )
)
"""Private, carrier-grade NAT, loopback, link-local, protocol assignments, documentation, benchmarks."""

_INTERNET_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""Special networks inside the public range: Teredo and other assignments, documentation, 6to4. Tunnels are refused:
they contain an IPv4 address, and a relay decides where it leads."""
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address of an address such as ::ffff:127.0.0.1: the system connects to the IPv4 address."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_nowhere(address: Address) -> bool:
    return any(address in network for network in _NOWHERE)


def is_public(address: Address) -> bool:
    """Whether `address` (unwrapped) is public. For NAT64, its IPv4 address decides."""
    if address in METADATA or is_nowhere(address):
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return False
    return address in _INTERNET_V6 and not any(address in network for network in _SPECIAL_V6)
