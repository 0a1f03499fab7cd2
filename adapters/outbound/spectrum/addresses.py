"""The addresses under which an endpoint may be called, or why there are none, in words that a tenant may read."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from adapters.net.egress import Egress
from adapters.net.guarded_connector import NameUnknown, allowed, resolve
from adapters.net.public_address import Address
from adapters.outbound.spectrum.unreachable import unreached
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason

log = structlog.get_logger(__name__)


async def addresses_of(endpoint: Endpoint, egress: Egress, seconds: float) -> Sequence[Address] | NotSent:
    """At least one address. Strangers are not told whether a name exists: it could be one of the operator's own."""
    if why := egress.ruled_out(endpoint.scheme, endpoint.port):
        return NotSent(NotSentReason.ADDRESS_NOT_ALLOWED, why)
    try:
        found = await resolve(endpoint.host, endpoint.port, seconds)
    except NameUnknown as error:
        log.info("spectrum.name_unknown", host=endpoint.host)
        return unreached(endpoint) if egress.hosted else NotSent(NotSentReason.DNS, str(error))
    return allowed(egress, endpoint.scheme, endpoint.host, endpoint.port, found) or unreached(endpoint)
