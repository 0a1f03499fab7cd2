"""Where calls may go: the one place that decides about addresses, once a name is resolved and before we connect."""

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

    def allowed(self, endpoint: Endpoint, addresses: Sequence[Address]) -> Sequence[Address] | NotSent:
        """Those of a host's addresses that may be connected to. Connect to these, never to the name again."""
        passed = [address for address in addresses if self._allows(endpoint, address)]
        if passed:
            return passed
        return NotSent(
            NotSentReason.ADDRESS_NOT_ALLOWED,
            f"Plain http to {addresses[0]} is not allowed. Use https, or let the operator add the network of that "
            "address to JOBFERRY_ALLOWED_NETWORKS.",
        )

    def _allows(self, endpoint: Endpoint, address: Address) -> bool:
        return endpoint.scheme == "https" or any(address in network for network in self.allowed_networks)


async def resolve(endpoint: Endpoint, seconds: float) -> Sequence[Address] | NotSent:
    """The host's addresses, in the resolver's order.

    IPv4 inside IPv6 is unwrapped, so that no network rule can be passed by spelling.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return NotSent(NotSentReason.DNS, f"The name service (DNS) did not find {endpoint.host} in time.")
    except (OSError, UnicodeError):
        return NotSent(NotSentReason.DNS, f"The name service (DNS) does not know the host {endpoint.host}.")
    return list(dict.fromkeys(_plain(ip_address(entry[4][0])) for entry in found))


def _plain(address: Address) -> Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
