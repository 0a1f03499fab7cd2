"""The peer of a request: the address that limits count by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web
from yarl import URL

Networks = Sequence[IPv4Network | IPv6Network]
UNKNOWN = "unknown"
_PORT = re.compile(r"[0-9]{1,5}")
_BRACKETED = re.compile(rf"\[([^\[\]]+)\](?::{_PORT.pattern})?")
_LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def group_of(address: str) -> str:
    """The address, or the /64 network of an IPv6 address: one household or server usually gets a whole /64."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed or UNKNOWN)


def is_loopback(request: web.Request) -> bool:
    """Whether the request comes from this machine and was not forwarded for somebody else."""
    asked_for_others = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    return not asked_for_others and is_one_of(request.remote or "", _LOOPBACK)


def is_local(request: web.Request) -> bool:
    """Whether the client is on this machine, without a network or a proxy in between, and asks for this machine. A web
    page in a browser here can ask for a name of its own that leads here."""
    try:
        host = URL(f"http://{request.host}").host or ""
    except (ValueError, IndexError):  # the second for [::1]:80@ and its like
        return False
    return is_loopback(request) and (host == "localhost" or is_one_of(host, _LOOPBACK))


def peer_of(proxies: Networks, request: web.BaseRequest) -> str:
    """The peer of a request: the client's address, or the network that it is counted with."""
    return group_of(client_of(proxies, request))


def client_of(proxies: Networks, request: web.BaseRequest) -> str:
    """The client's address: the nearest address in the chain that is not a trusted proxy. If the chain ends before, or
    with a part that cannot be read, the last proxy that it led to: what stands beyond, the client may have written."""
    chain = [part for header in request.headers.getall("X-Forwarded-For", ()) for part in header.split(",")]
    nearest = request.remote or ""
    while is_one_of(nearest, proxies) and chain and (hop := _hop(chain.pop())):
        nearest = hop
    return str(_parsed(nearest) or UNKNOWN)


def is_one_of(address: str, networks: Networks) -> bool:
    """Whether the address is in one of these networks."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def _hop(written: str) -> str | None:
    """The address in one part of the header: `ip`, `ip:port`, `[v6]`, `[v6]:port`, also quoted; None for other text."""
    written = written.strip().strip('"')
    bracketed = _BRACKETED.fullmatch(written)
    if bracketed:
        address = bracketed[1]
    elif written.count(":") == 1:  # an IPv6 address has two at least
        address, _, port = written.partition(":")
        if not _PORT.fullmatch(port):
            return None
    else:
        address = written
    return address if _parsed(address) else None


@lru_cache(maxsize=256)  # it is asked several times for each request
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """The address, of IPv4 also where it is written as IPv6; None for other text."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed
