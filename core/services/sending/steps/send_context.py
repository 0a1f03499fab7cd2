"""What the execution of a send needs, read once when its turn comes."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.sending.send import Lease
from core.model.tenants.tenant import ServiceTradeAccount


@dataclass(frozen=True, slots=True)
class SendContext:
    lease: Lease
    connection: Connection
    account: ServiceTradeAccount
    secrets: ConnectionSecrets

    @property
    def target(self) -> SpectrumTarget:
        return SpectrumTarget.of(self.connection, self.secrets)
