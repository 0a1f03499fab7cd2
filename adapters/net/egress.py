"""Where calls may go: the one policy for every address that a tenant names, asked about the address connected to.

Why it is as it is: docs/decisions/0016-egress.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.net.public_address import METADATA, Address, Network, is_nowhere, is_public, unwrapped

HOSTED_PORTS = (443, 8482)
"""ServiceTrade's and Data Exchange's own; others belong to services that strangers have no business with."""


@dataclass(frozen=True, slots=True)
class Egress:
    """Public addresses over https, and whatever the operator lists. `hosted`: tenants are strangers to the operator."""

    allowed_networks: Sequence[Network] = ()
    hosted: bool = False

    def allows(self, scheme: str, address: Address, port: int) -> bool:
        """Whether a connection to this very address may be opened."""
        address = unwrapped(address)
        if is_nowhere(address) or (address in METADATA and not self._lists_exactly(address)):
            return False
        if any(address in network for network in self.allowed_networks):
            return True
        return scheme == "https" and self._may_have(port) and is_public(address)

    def ruled_out(self, scheme: str, port: int) -> str:
        """What is wrong with scheme or port where no address could make it right; '' if one could.

        It may be told to anybody, since it says nothing of any address.
        """
        if self.allowed_networks or (scheme == "https" and self._may_have(port)):
            return ""
        if self.hosted:
            ports = " and ".join(str(port) for port in HOSTED_PORTS)
            return f"Only https addresses on the ports {ports} are called from here."
        return (
            "Plain http is called only in networks that the operator has listed, and none is. Use https, or let the "
            "operator add the network of that address to JOBFERRY_ALLOWED_NETWORKS."
        )

    def _may_have(self, port: int) -> bool:
        return not self.hosted or port in HOSTED_PORTS

    def _lists_exactly(self, address: Address) -> bool:
        return any(
            network.prefixlen == network.max_prefixlen and address in network for network in self.allowed_networks
        )
