"""What the execution of a send needs, read once when its turn comes."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.sending.send import Lease
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.sending.endpoint_gate import Admission
from ports.storage.send_changes import PlanInput


@dataclass(frozen=True, slots=True)
class SendContext:
    """`known` is what a plan needs of it, None once it may have changed."""

    lease: Lease
    connection: Connection
    account: ServiceTradeAccount
    secrets: ConnectionSecrets
    admission: Admission
    known: PlanInput | None = None

    @property
    def target(self) -> SpectrumTarget:
        return SpectrumTarget.of(self.connection, self.secrets)
