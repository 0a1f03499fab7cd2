"""Opens and closes a connection, with or without TLS, to test host, port and certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext

from adapters.net.public_address import Address
from adapters.outbound.spectrum.unreachable import unreached, why_unreachable
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent


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
