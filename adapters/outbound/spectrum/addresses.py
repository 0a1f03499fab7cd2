"""Resolves the addresses at which an endpoint may be called, or gives a reason that tenants may read."""

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
    """Return at least one address, or NotSent. Hosted tenants must not learn whether a name of the operator exists."""
    if why := egress.ruled_out(endpoint.scheme, endpoint.port):
        return NotSent(NotSentReason.ADDRESS_NOT_ALLOWED, why)
    try:
        found = await resolve(endpoint.host, endpoint.port, seconds)
    except NameUnknown as error:
        log.info("spectrum.name_unknown", host=endpoint.host)
        return unreached(endpoint) if egress.hosted else NotSent(NotSentReason.DNS, str(error))
    return allowed(egress, endpoint.scheme, endpoint.host, endpoint.port, found) or unreached(endpoint)
