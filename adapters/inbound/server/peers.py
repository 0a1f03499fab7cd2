"""The peer of a request: the address that limits count by."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

Networks = Sequence[IPv4Network | IPv6Network]
UNKNOWN = "unknown"
_LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def group_of(address: str) -> str:
    """The address, or the /64 network of an IPv6 address: one household or server usually gets a whole /64."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def is_loopback(request: web.Request) -> bool:
    """Whether the request comes from this machine and was not forwarded for somebody else."""
    asked_for_others = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    return not asked_for_others and is_one_of(request.remote or "", _LOOPBACK)


def peer_of(proxies: Networks, request: web.Request) -> str:
    """The peer of a request: the nearest address in the chain that is not a trusted proxy."""
    chain = [part.strip() for header in request.headers.getall("X-Forwarded-For", ()) for part in header.split(",")]
    nearest = request.remote or ""
    while chain and is_one_of(nearest, proxies):
        nearest = chain.pop()
    return group_of(nearest)


def is_one_of(address: str, networks: Networks) -> bool:
    """Whether the address is in one of these networks."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)
