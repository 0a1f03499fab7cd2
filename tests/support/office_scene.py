"""Many connections of one tenant over storage in memory, drained by a test as a worker would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.transactions import MemoryTransactions
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import Send
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import JobItem
from core.services.sending.request_send import SendRequest
from core.services.wiring import Services
from ports.clock import Clock
from ports.spectrum import Spectrum
from ports.storage.due_work import WorkKind
from tests.support.dependencies import over
from tests.support.http_scene import JOB


@dataclass
class Office:
    """`service_trade` has the jobs that were requested."""

    services: Services
    transactions: MemoryTransactions
    service_trade: MemoryServiceTrade
    tenant: Tenant
    clock: Clock

    async def connect(self, slug: str, endpoint: str) -> Connection:
        wanted = Connection(
            id="",
            tenant_id="",
            slug=slug,
            name=slug,
            external_system=slug.replace("-", "_"),
            endpoint=Endpoint.parse(endpoint),
            company_code="101",
        )
        secrets = ConnectionSecrets(Secret("SECRET"))
        return await self.services.use_cases.add_connection(self.tenant.id, wanted, secrets, check=False)

    async def request(self, connection: str, number: int, *, items: int = 0) -> Send:
        """Request a send of a job with this number, which exists from now on. With `items`, it is completed and has so
        many, which are sent, too."""
        job = replace(JOB, id=str(number), number=str(100_000 + number))
        self.service_trade.add_job(self.tenant.id, job, connection.replace("-", "_"))
        mode = ItemsMode.NEW_ONLY if items else ItemsMode.NONE
        for place in range(items):
            name = f"{number}-{place}"
            item = JobItem(id=name, name=name, type="part", quantity=Decimal(1), cost=Decimal(place + 1), code=name)
            self.service_trade.add_item(self.tenant.id, job.id, item)
        if items:
            self.service_trade.complete(self.tenant.id, job.id)
        wanted = SendRequest(connection=connection, job_id=job.id, requested_by="test", items=mode)
        return await self.services.use_cases.request_send(self.tenant.id, wanted)

    def sends(self) -> list[Send]:
        return list(self.transactions.rows.sends.values())

    def due(self) -> list[str]:
        """The ids of the connections that the worker's next look finds."""
        now, rows = self.clock.now(), self.transactions.rows.due_work
        return [subject for (kind, subject), due_at in rows.items() if kind is WorkKind.DRAIN and due_at <= now]

    async def drain(self, connection_id: str) -> None:
        while await self.services.drain_connection(connection_id):
            pass


async def open_office(
    clock: Clock, spectrum: Spectrum, *, at_once: int = 8, service_trade: MemoryServiceTrade | None = None
) -> Office:
    """One endpoint has up to `at_once` calls at the same time."""
    transactions = MemoryTransactions(clock.now)
    service_trade = service_trade or MemoryServiceTrade()
    parts = replace(
        over(transactions),
        clock=clock,
        spectrum=spectrum,
        service_trade=service_trade,
        spectrum_calls_at_once=at_once,
    )
    services = Services(parts)
    tenant = await services.use_cases.add_tenant(
        Tenant(id="", slug="cardinal", name="Cardinal"), PasswordLogin("user", Secret("password"))
    )
    return Office(services, transactions, service_trade, tenant, clock)
