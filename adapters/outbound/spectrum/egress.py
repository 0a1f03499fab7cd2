"""Where calls may go: the one place that decides about addresses, after the name is resolved and before anything connects."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from core.model.answer import NotSent, NotSentReason
from core.model.endpoint import Endpoint

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Egress:
    """Plain http goes only to `allowed_networks`, since everybody on the way can read the Authorization ID there."""

    allowed_networks: Sequence[Network]

    async def addresses(self, endpoint: Endpoint) -> Sequence[Address] | NotSent:
        """The addresses that may be connected to, in the resolver's order. Connect to these, never to the name again."""
        try:
            found = await resolve(endpoint)
        except (OSError, UnicodeError):
            return NotSent(NotSentReason.DNS, f"The host name {endpoint.host} is not known to the name service (DNS).")
        allowed = [address for address in found if self._allows(endpoint, address)]
        if not allowed:
            return NotSent(
                NotSentReason.ADDRESS_NOT_ALLOWED,
                f"Plain http to {found[0]} is not allowed. Use https, or let the operator add the network of that "
                "address to JOBFERRY_ALLOWED_NETWORKS.",
            )
        return allowed

    def _allows(self, endpoint: Endpoint, address: Address) -> bool:
        return endpoint.scheme == "https" or any(address in network for network in self.allowed_networks)


async def resolve(endpoint: Endpoint) -> Sequence[Address]:
    """The host's addresses; IPv4 inside IPv6 is unwrapped, so that a network rule cannot be passed by spelling.

    Raises OSError or UnicodeError when the name cannot be resolved.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    addresses = [ip_address(entry[4][0]) for entry in found]
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]
