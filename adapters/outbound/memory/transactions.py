"""Storage in memory with atomic transactions, one at a time."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from adapters.outbound.memory.access import MemoryCredentials, MemoryKeys, MemoryPeople
from adapters.outbound.memory.aliases import MemoryAliases
from adapters.outbound.memory.client_secrets import MemoryClientSecrets
from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.following import MemoryCompletions, MemoryWebhooks
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.rows import Rows
from adapters.outbound.memory.sends import MemorySends
from adapters.outbound.memory.stats import census_of
from adapters.outbound.memory.tenancy import MemoryAudit, MemoryTenants
from adapters.outbound.memory.warnings import MemoryWarnings
from adapters.outbound.memory.webhook_endpoints import MemoryWebhookEndpoints
from adapters.outbound.memory.work_orders import MemoryWorkOrders
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions


class MemoryTenantTransaction(TenantTransaction):
    def __init__(self, rows: Rows, tenant_id: str, now: datetime) -> None:
        self._rows = rows
        self._tenant_id = tenant_id
        self._now = now
        of_tenant = (rows, tenant_id, now)
        self.sends = MemorySends(*of_tenant)
        self.connections = MemoryConnections(*of_tenant)
        self.work_orders = MemoryWorkOrders(*of_tenant)
        self.ledger = MemoryLedger(*of_tenant)
        self.warnings = MemoryWarnings(*of_tenant)
        self.completions = MemoryCompletions(*of_tenant)
        self.webhooks = MemoryWebhooks(*of_tenant)
        self.aliases = MemoryAliases(*of_tenant)
        self.client_secrets = MemoryClientSecrets(*of_tenant)
        self.webhook_endpoints = MemoryWebhookEndpoints(*of_tenant)
        self.audit = MemoryAudit(*of_tenant)
        self.keys = MemoryKeys(rows.api_keys, tenant_id)
        self.people = MemoryPeople(rows.people, tenant_id)

    async def now(self) -> datetime:
        return self._now

    async def tenant(self) -> Tenant:
        return self._rows.tenants[self._tenant_id].tenant

    async def account(self) -> ServiceTradeAccount:
        stored = self._rows.tenants[self._tenant_id]
        return ServiceTradeAccount(self._tenant_id, stored.tenant.base_url, stored.login)


class MemoryInstanceTransaction(InstanceTransaction):
    def __init__(self, rows: Rows) -> None:
        self.tenants = MemoryTenants(rows)
        self.keys = MemoryKeys(rows.api_keys, None)
        self.credentials = MemoryCredentials(rows)
        self.people = MemoryPeople(rows.people, None)
        self._rows = rows

    async def stats(self) -> InstallationStats:
        return census_of(self._rows.sends.values(), self._rows.connections, self._rows.ledger.values())

    async def workers(self) -> Sequence[WorkerHeartbeat]:
        return ()


class MemoryTransactions(Transactions):
    """`rows` is the committed data; `rows.woken` lists the connections with a queued wake-up. `now` is the clock."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.rows = Rows()
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        return self._begin(tenant_id)

    def begin_instance(self) -> AbstractAsyncContextManager[InstanceTransaction]:
        return self._begin_instance()

    async def tenant_of(self, connection_id: str) -> str:
        found = self.rows.connections.get(connection_id)
        if found is None:
            raise NotFound(f"There is no connection {connection_id}.", code="CONNECTION_NOT_FOUND")
        return found.connection.tenant_id

    @asynccontextmanager
    async def _begin(self, tenant_id: str) -> AsyncIterator[TenantTransaction]:
        async with self._on_a_copy() as rows:
            yield MemoryTenantTransaction(rows, tenant_id, self._now())

    @asynccontextmanager
    async def _begin_instance(self) -> AsyncIterator[InstanceTransaction]:
        async with self._on_a_copy() as rows:
            yield MemoryInstanceTransaction(rows)

    @asynccontextmanager
    async def _on_a_copy(self) -> AsyncIterator[Rows]:
        """Commit the copy only if the block ends without an error. Values are frozen: copied containers are enough."""
        async with self._one_at_a_time:
            rows = Rows(**{name: copy.copy(getattr(self.rows, name)) for name in Rows.__dataclass_fields__})
            yield rows
            self.rows = rows
