"""Resolves a host name and opens sockets. No socket is created for an address that is not allowed."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from adapters.net.compression import unpacked
from adapters.net.egress import Egress
from adapters.net.public_address import Address, unwrapped

log = structlog.get_logger(__name__)

LONGEST_FIELD = 66_000
"""Longest header field of an answer, in bytes: 64 kB, with its name. Firewalls set such cookies and policies."""


class NameUnknown(OSError):
    """The name service does not know the host, or did not answer in time."""


class NotAllowed(OSError):
    """The address may not be called. It is an OSError, so it is handled like a refused connection."""


async def resolve(host: str, port: int, seconds: float) -> Sequence[Address]:
    """Return the host's addresses, in the resolver's order. Raises NameUnknown.
    IPv4 inside IPv6 is unwrapped, so that this notation cannot bypass a network rule. An address is no name, so nobody
    is asked."""
    with suppress(ValueError):
        return [unwrapped(ip_address(host))]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise NameUnknown(f"The name service (DNS) did not find {host} in time.") from error
    except (OSError, UnicodeError) as error:
        raise NameUnknown(f"The name service (DNS) does not know the host {host}.") from error
    return list(dict.fromkeys(unwrapped(ip_address(entry[4][0])) for entry in found))


def allowed(egress: Egress, scheme: str, host: str, port: int, found: Sequence[Address]) -> Sequence[Address]:
    """Return the allowed addresses of a host. Connect to these, never to the name again. The others are only logged."""
    passed = [address for address in found if egress.allows(scheme, address, port)]
    for address in found:
        if address not in passed:
            log.warning("egress.not_allowed", scheme=scheme, host=host, address=str(address), port=port)
    return passed


def guarded_sockets(egress: Egress, scheme: str) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Return aiohttp's socket factory. It checks the final address of every connection."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = info
        if not _allows(egress, scheme, host, port):
            log.warning("egress.not_allowed", scheme=scheme, host=host, address=host, port=port)
            raise NotAllowed("address not allowed")
        return socket.socket(family, kind, protocol)

    return make


class _Connector(aiohttp.TCPConnector):
    """Calls `connected` after the TLS handshake, before the first byte of the request leaves."""

    def __init__(self, connected: Callable[[], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._connected = connected

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        self._connected()
        return connection


@lru_cache(maxsize=4096)
def _allows(egress: Egress, scheme: str, address: str, port: int) -> bool:
    """The same few addresses are asked about at every call, and the answer stays the same."""
    return egress.allows(scheme, ip_address(address), port)


def session_for_one_call(
    egress: Egress,
    scheme: str,
    *,
    connect_seconds: float | None = None,
    resolver: AbstractResolver | None = None,
    trust: ssl.SSLContext | bool = True,
    connected: Callable[[], None] = lambda: None,
) -> aiohttp.ClientSession:
    """Return a session with its own guarded connection: no cookies, no DNS cache, no proxy of this machine.

    The caller sets the total time-out, including the name's look-up. `connected` is called after the TLS handshake,
    before the first byte of the request leaves.
    """
    connector = _Connector(
        connected,
        resolver=resolver or aiohttp.ThreadedResolver(),
        socket_factory=guarded_sockets(egress, scheme),
        ssl=trust,
        use_dns_cache=False,
        force_close=True,
        limit=1,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds),
        max_line_size=LONGEST_FIELD,
        max_field_size=LONGEST_FIELD,
        headers={"Accept-Encoding": "identity", "User-Agent": "jobferry"},
    )


class AnswerTooLarge(ValueError):
    """The answer has more bytes than the caller's limit."""


class AnswerDamaged(aiohttp.ClientPayloadError):
    """The compressed body is cut off or damaged."""


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the whole body of at most `limit` bytes, unpacked if the server compressed it. Otherwise close the
    connection and raise AnswerTooLarge. Raises AnswerDamaged for a compressed body that cannot be unpacked."""
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > limit:
            response.close()
            raise AnswerTooLarge(f"the answer is larger than {limit} bytes")
    plain = unpacked(bytes(received), response.headers.get("Content-Encoding", ""), limit)
    if plain.too_large:
        raise AnswerTooLarge(f"the unpacked answer is larger than {limit} bytes")
    if not plain.whole:
        raise AnswerDamaged("the compressed answer cannot be unpacked")
    return plain.body


class StaticResolver(AbstractResolver):
    """A resolver for aiohttp that returns only `addresses`, so that no second look-up can return another address."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        pass
