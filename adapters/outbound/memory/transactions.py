"""Storage in memory with atomic transactions, one at a time."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.outbound.memory.accounts import MemoryAccounts, StoredEntry
from adapters.outbound.memory.aliases import MemoryAliases, Record, StoredAlias
from adapters.outbound.memory.audit import MemoryAudit
from adapters.outbound.memory.client_secrets import MemoryClientSecrets, StoredSecret
from adapters.outbound.memory.completions import (
    CompletionKey,
    MemoryCompletions,
    MemoryJobChanges,
    MemoryPollSchedule,
    StoredCompletion,
    StoredJobChange,
    StoredPollSchedule,
)
from adapters.outbound.memory.connections import MemoryConnections, StoredConnection
from adapters.outbound.memory.events import (
    Endpoints,
    MemoryDeliveries,
    MemoryEvents,
    MemoryWebhookEndpoints,
    StoredDeliveries,
)
from adapters.outbound.memory.keys import MemoryKeyRing, MemoryKeys, StoredApiKey
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.people import MemoryConsoleSessions, MemoryPeople, PeopleRows
from adapters.outbound.memory.sends import MemorySends, StoredKey
from adapters.outbound.memory.stats import census_of
from adapters.outbound.memory.tenants import MemoryTenants, StoredTenant
from adapters.outbound.memory.warnings import Key as WarningKey
from adapters.outbound.memory.warnings import MemoryWarnings
from adapters.outbound.memory.webhooks import MemoryWebhookAddresses, MemoryWebhooks, StoredWebhook
from adapters.outbound.memory.work_orders import MemoryNumberClaims, MemoryWorkOrders, StoredClaim
from adapters.outbound.memory.work_queue import MemoryWorkQueue
from core.model.mappings.alias import FormerAlias
from core.model.operations.audit import AuditEntry
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.planning.plan import SendPlan
from core.model.sending.send import Attempt, DashboardWarning, Send
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions


@dataclass(slots=True)
class Rows:
    """The stored data of all tenants."""

    tenants: dict[str, StoredTenant] = field(default_factory=dict)
    api_keys: dict[str, StoredApiKey] = field(default_factory=dict)
    people: PeopleRows = field(default_factory=PeopleRows)
    plans: dict[str, SendPlan] = field(default_factory=dict)
    accounts: dict[tuple[str, bytes], StoredEntry] = field(default_factory=dict)
    connections: dict[str, StoredConnection] = field(default_factory=dict)
    sends: dict[str, Send] = field(default_factory=dict)
    attempts: list[tuple[str, Attempt]] = field(default_factory=list)
    keys: dict[tuple[str, str], StoredKey] = field(default_factory=dict)
    batches: dict[tuple[str, str], None] = field(default_factory=dict)
    work_orders: dict[tuple[str, str], WorkOrderRecord] = field(default_factory=dict)
    claims: dict[bytes, StoredClaim] = field(default_factory=dict)
    ledger: dict[str, LedgerLine] = field(default_factory=dict)
    warnings: dict[WarningKey, DashboardWarning] = field(default_factory=dict)
    job_changes: dict[tuple[str, str], StoredJobChange] = field(default_factory=dict)
    completions: dict[CompletionKey, StoredCompletion] = field(default_factory=dict)
    poll_schedules: dict[str, StoredPollSchedule] = field(default_factory=dict)
    webhooks: dict[bytes, StoredWebhook] = field(default_factory=dict)
    aliases: dict[Record, StoredAlias] = field(default_factory=dict)
    alias_history: list[tuple[str, FormerAlias]] = field(default_factory=list)
    client_secrets: dict[str, StoredSecret] = field(default_factory=dict)
    webhook_endpoints: Endpoints = field(default_factory=dict)
    deliveries: StoredDeliveries = field(default_factory=dict)
    audit: list[tuple[str, AuditEntry]] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)

    def forget_connection(self, connection_id: str) -> None:
        """Drop everything that belongs to a connection, but not the connection itself."""
        gone = {send.id for send in self.sends.values() if send.connection_id == connection_id}
        self.attempts = [one for one in self.attempts if one[1].send_id not in gone]
        for send_id in gone:
            del self.sends[send_id]
        for member in [member for member in self.batches if member[1] in gone]:
            del self.batches[member]
        for line_id in [line.id for line in self.ledger.values() if line.connection_id == connection_id]:
            del self.ledger[line_id]
        self.work_orders = {key: one for key, one in self.work_orders.items() if key[0] != connection_id}
        self.warnings = {key: one for key, one in self.warnings.items() if key[0] != connection_id}
        for record in [record for record in self.aliases if record[0] == connection_id]:
            del self.aliases[record]
        for done in [done for done in self.completions if connection_id in done]:
            del self.completions[done]

    def forget_tenant(self, tenant_id: str) -> None:
        """Drop what a tenant has in addition to its connections."""
        self.api_keys = {id: stored for id, stored in self.api_keys.items() if stored.key.tenant_id != tenant_id}
        self.keys = {key: stored for key, stored in self.keys.items() if key[0] != tenant_id}
        self.job_changes = {key: hint for key, hint in self.job_changes.items() if key[0] != tenant_id}
        self.poll_schedules.pop(tenant_id, None)
        self.webhooks = {key: hook for key, hook in self.webhooks.items() if hook[0] != tenant_id}
        endpoints = {id: one for id, one in self.webhook_endpoints.items() if one.endpoint.tenant_id != tenant_id}
        self.webhook_endpoints = endpoints
        self.deliveries = {key: one for key, one in self.deliveries.items() if key[0] in endpoints}
        self.audit = [one for one in self.audit if one[0] != tenant_id]
        self.people.forget(tenant_id)


class MemoryTenantTransaction(TenantTransaction):
    def __init__(self, rows: Rows, tenant_id: str, now: datetime) -> None:
        self._rows = rows
        self._tenant_id = tenant_id
        self._now = now
        self.sends = MemorySends(rows.sends, rows.attempts, rows.keys, rows.batches, rows.plans, tenant_id)
        self.connections = MemoryConnections(rows.connections, tenant_id, now, rows.forget_connection)
        self.work_orders = MemoryWorkOrders(rows.work_orders, tenant_id)
        self.claims = MemoryNumberClaims(rows.claims)
        self.ledger = MemoryLedger(rows.ledger, tenant_id, now)
        self.warnings = MemoryWarnings(rows.warnings, tenant_id)
        self.job_changes = MemoryJobChanges(rows.job_changes, tenant_id)
        self.completions = MemoryCompletions(rows.completions, tenant_id)
        self.poll_schedule = MemoryPollSchedule(rows.poll_schedules, tenant_id)
        self.webhooks = MemoryWebhooks(rows.webhooks, tenant_id)
        self.aliases = MemoryAliases(rows.aliases, rows.alias_history, tenant_id)
        self.client_secrets = MemoryClientSecrets(rows.client_secrets, rows.connections, tenant_id)
        self.webhook_endpoints = MemoryWebhookEndpoints(rows.webhook_endpoints, rows.deliveries, tenant_id)
        self.deliveries = MemoryDeliveries(rows.deliveries, rows.webhook_endpoints, tenant_id)
        self.events = MemoryEvents(self.webhook_endpoints, self.deliveries)
        self.audit = MemoryAudit(rows.audit, tenant_id)
        self.keys = MemoryKeys(rows.api_keys, tenant_id)
        self.people = MemoryPeople(rows.people, tenant_id)
        self.accounts = MemoryAccounts(rows.accounts)
        self.queue = MemoryWorkQueue(rows.woken)

    async def now(self) -> datetime:
        return self._now

    async def tenant(self) -> Tenant:
        return self._rows.tenants[self._tenant_id].tenant

    async def account(self) -> ServiceTradeAccount:
        stored = self._rows.tenants[self._tenant_id]
        return ServiceTradeAccount(self._tenant_id, stored.tenant.base_url, stored.login)


class MemoryInstanceTransaction(InstanceTransaction):
    def __init__(self, rows: Rows) -> None:
        self.tenants = MemoryTenants(rows.tenants, rows.forget_tenant)
        self.keys = MemoryKeys(rows.api_keys, None)
        self.key_ring = MemoryKeyRing(rows.api_keys)
        self.people = MemoryPeople(rows.people, None)
        self.console_sessions = MemoryConsoleSessions(rows.people)
        self.webhook_addresses = MemoryWebhookAddresses(rows.webhooks)
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
