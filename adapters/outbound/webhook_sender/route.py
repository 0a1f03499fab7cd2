"""Where events may be posted: the one place that knows the rule about addresses."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from adapters.outbound.spectrum.egress import Address, Egress, Network, resolve
from core.model.answer import NotSent
from core.model.endpoint import Endpoint

_PORTS = {"https": 443, "http": 80}


async def addresses_of(url: str, allowed_networks: Sequence[Network], seconds: float) -> Sequence[Address] | NotSent:
    """The addresses to connect to, and no others, or why none of them may be."""
    parts = urlsplit(url)
    endpoint = Endpoint(parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])
    found = await resolve(endpoint, seconds)
    return found if isinstance(found, NotSent) else Egress(allowed_networks).allowed(endpoint, found)
