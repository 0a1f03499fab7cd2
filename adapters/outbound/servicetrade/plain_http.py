"""Plain http goes only to networks that the operator allows: everybody on the way can read the password there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from yarl import URL

from core.model.errors import TenantMends, TimeMends

Network = IPv4Network | IPv6Network


class PlainHttp:
    """`allowed_networks` None judges nothing, for whoever talks to a ServiceTrade of his own."""

    def __init__(self, allowed_networks: Sequence[Network] | None) -> None:
        self._allowed = allowed_networks

    async def check(self, base_url: str) -> None:
        """Raises TenantMends (ADDRESS_NOT_ALLOWED), or TimeMends (ST_UNREACHABLE) for a name that nobody knows."""
        if self._allowed is None or not base_url.lower().startswith("http://"):
            return
        url = URL(base_url)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        except OSError as error:
            message = f"The name service (DNS) does not know the host {url.host}."
            raise TimeMends(message, code="ST_UNREACHABLE") from error
        for entry in found:
            address = ip_address(entry[4][0])
            if not any(address in network for network in self._allowed):
                raise TenantMends(
                    f"Plain http to {address} is not allowed for ServiceTrade.",
                    code="ADDRESS_NOT_ALLOWED",
                    fix="Use https, or let the operator add the network of that address to JOBFERRY_ALLOWED_NETWORKS.",
                )
