"""The policy for outgoing calls to addresses that tenants name. It is applied to the address of each connection.

Reasons: docs/decisions/0016-egress.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.net.public_address import METADATA, Address, Network, is_nowhere, is_public, unwrapped

HOSTED_PORTS = (443, 8482)
"""The ports of ServiceTrade and Data Exchange. Hosted tenants must not reach services on other ports."""


@dataclass(frozen=True, slots=True, eq=False)
class Egress:
    """Allows public addresses over https, and the operator's networks. `hosted`: tenants may use only HOSTED_PORTS.

    An installation has few of them, each equal to itself only: so it can be the key of a cache.
    """

    allowed_networks: Sequence[Network] = ()
    hosted: bool = False

    def allows(self, scheme: str, address: Address, port: int) -> bool:
        """Whether a connection to this address may be opened."""
        address = unwrapped(address)
        if is_nowhere(address) or (address in METADATA and not self._lists_exactly(address)):
            return False
        if any(address in network for network in self.allowed_networks):
            return True
        return scheme == "https" and self._may_have(port) and is_public(address)

    def ruled_out(self, scheme: str, port: int) -> str:
        """Return the reason why scheme or port are forbidden for every address; '' if some address is allowed.

        Anybody may see the reason: it does not depend on an address.
        """
        if self.allowed_networks or (scheme == "https" and self._may_have(port)):
            return ""
        if self.hosted:
            ports = " and ".join(str(port) for port in HOSTED_PORTS)
            return f"This installation calls only https addresses on the ports {ports}."
        return (
            "Plain http is allowed only in networks that the operator has listed, and none is listed. Use https, or "
            "ask the operator to add the network of that address to JOBFERRY_ALLOWED_NETWORKS."
        )

    def _may_have(self, port: int) -> bool:
        return not self.hosted or port in HOSTED_PORTS

    def _lists_exactly(self, address: Address) -> bool:
        return any(
            network.prefixlen == network.max_prefixlen and address in network for network in self.allowed_networks
        )
