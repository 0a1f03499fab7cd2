"""Resolves the addresses at which an endpoint may be called, or gives a reason that tenants may read; and opens and
closes a connection, with or without TLS, to test host, port and certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext

import structlog

from adapters.net.egress import Egress
from adapters.net.guarded_connector import NameUnknown, allowed, resolve
from adapters.net.public_address import Address
from adapters.outbound.spectrum.unreachable import unreached, why_unreachable
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason

log = structlog.get_logger(__name__)


async def addresses_of(endpoint: Endpoint, egress: Egress, seconds: float) -> Sequence[Address] | NotSent:
    """Return at least one address, or NotSent. Hosted tenants must not learn whether a name of the operator exists."""
    if why := egress.ruled_out(endpoint.scheme, endpoint.port):
        return NotSent(NotSentReason.ADDRESS_NOT_ALLOWED, why)
    try:
        found = await resolve(endpoint.host, endpoint.port, seconds)
    except NameUnknown as error:
        log.info("spectrum.name_unknown", host=endpoint.host)
        return unreached(endpoint) if egress.hosted else NotSent(NotSentReason.DNS, str(error))
    return allowed(egress, endpoint.scheme, endpoint.host, endpoint.port, found) or unreached(endpoint)


@dataclass(frozen=True, slots=True)
class Opened:
    """The address that answered. With TLS also the version and the end of the certificate's validity."""

    address: Address
    tls_version: str = ""
    valid_until: str = ""


async def open_and_close(
    endpoint: Endpoint, addresses: Sequence[Address], seconds: float, until: float, trust: SSLContext | None = None
) -> Opened | NotSent:
    """Return the first of the allowed `addresses` that accepts a connection, or why the last one did not.

    The time-out is `seconds` for each address, and the event loop's time `until` for all of them.
    """
    failure = unreached(endpoint)
    for address in addresses:
        try:
            async with asyncio.timeout_at(until), asyncio.timeout(seconds):
                _, writer = await asyncio.open_connection(
                    str(address), endpoint.port, ssl=trust, server_hostname=endpoint.host if trust else None
                )
        except OSError as error:
            failure = why_unreachable(error, endpoint)
            continue
        tls = writer.get_extra_info("ssl_object")
        writer.transport.abort()
        if tls is None:
            return Opened(address)
        return Opened(address, tls.version() or "", str((tls.getpeercert() or {}).get("notAfter", "")))
    return failure
