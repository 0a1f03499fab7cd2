"""Storage in memory with atomic transactions, one at a time."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from adapters.outbound.memory.access import MemoryCredentials, MemoryKeys, MemoryPeople
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.client_secrets import MemoryClientSecrets
from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.creations import MemoryCreations
from adapters.outbound.memory.exporting import exported_rows
from adapters.outbound.memory.following import MemoryCompletions, MemoryWebhooks
from adapters.outbound.memory.kept_answers import MemoryKeptAnswers
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.mappings.aliases import MemoryAliases
from adapters.outbound.memory.mappings.code_lists import MemoryCodeLists, has_lists
from adapters.outbound.memory.mappings.suggestions import MemorySuggestions
from adapters.outbound.memory.notifications import MemoryNotifications
from adapters.outbound.memory.operations.counts import MemoryCounts
from adapters.outbound.memory.operations.reconciliations import MemoryReconciliations
from adapters.outbound.memory.operations.retention import MemoryRetention
from adapters.outbound.memory.repository import Repository, connection_missing
from adapters.outbound.memory.rows import Rows
from adapters.outbound.memory.send_changes import MemorySendChanges
from adapters.outbound.memory.send_requests import MemorySendRequests
from adapters.outbound.memory.sends import MemorySends
from adapters.outbound.memory.tenancy import MemoryAudit, MemoryOperatorAudit, MemoryTenants
from adapters.outbound.memory.warnings import MemoryWarnings
from adapters.outbound.memory.webhook_endpoints import MemoryWebhookEndpoints
from adapters.outbound.memory.work_orders import MemoryWorkOrders
from core.model.mappings.alias import Alias, AliasKey
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.operations.job_counts import Waiting
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.sending.send import Step
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from core.model.work_orders.cost_line import LineState
from ports.storage.due_work import WorkKind
from ports.storage.send_changes import DueSend, FactsQuery, PlanInput, SendChanges, Standing, StandingQuery, StoredFacts
from ports.storage.send_requests import RequestedSends, StoredRequest
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions


class MemoryTenantTransaction(Repository, TenantTransaction):
    def __init__(self, rows: Rows, tenant_id: str, now: datetime, commit: Callable[[], None]) -> None:
        super().__init__(rows, tenant_id, now)
        of_tenant = (rows, tenant_id, now)
        self.sends = MemorySends(*of_tenant)
        self.changes = MemorySendChanges(*of_tenant, commit)
        self.requests = MemorySendRequests(*of_tenant)
        self.connections = MemoryConnections(*of_tenant)
        self.work_orders = MemoryWorkOrders(*of_tenant)
        self.ledger = MemoryLedger(*of_tenant)
        self.warnings = MemoryWarnings(*of_tenant)
        self.completions = MemoryCompletions(*of_tenant)
        self.webhooks = MemoryWebhooks(*of_tenant)
        self.aliases = MemoryAliases(*of_tenant)
        self.code_lists = MemoryCodeLists(*of_tenant)
        self.client_secrets = MemoryClientSecrets(*of_tenant)
        self.webhook_endpoints = MemoryWebhookEndpoints(*of_tenant)
        self.notifications = MemoryNotifications(*of_tenant)
        self.audit = MemoryAudit(*of_tenant)
        self.retention = MemoryRetention(*of_tenant)
        self.counts = MemoryCounts(*of_tenant)
        self.reconciliations = MemoryReconciliations(*of_tenant)
        self.suggestions = MemorySuggestions(*of_tenant)
        self.creations = MemoryCreations(*of_tenant)
        self.keys = MemoryKeys(rows.api_keys, tenant_id)
        self.kept_answers = MemoryKeptAnswers(rows, tenant_id)
        self.people = MemoryPeople(rows, tenant_id)

    async def now(self) -> datetime:
        return self._now

    async def tenant(self) -> Tenant:
        return self._rows.tenants[self._tenant_id].tenant

    async def pull_forward(self, kind: WorkKind, subjects: Collection[str], beyond: datetime) -> int:
        ours = {key for key, one in self._rows.connections.items() if one.connection.tenant_id == self._tenant_id}
        ours |= {key for key, one in self._rows.reconciliations.items() if one.tenant_id == self._tenant_id}
        due = ((one, self._rows.due_work.get((kind, one))) for one in subjects if one in ours)
        late = [one for one, at in due if at and at > beyond]
        for one in late:
            self._wake(kind, one, None)
        return len(late)

    async def account(self) -> ServiceTradeAccount:
        stored = self._rows.tenants[self._tenant_id]
        return ServiceTradeAccount(self._tenant_id, stored.tenant.base_url, stored.login)


class MemoryInstanceTransaction(InstanceTransaction):
    def __init__(self, rows: Rows) -> None:
        self.tenants = MemoryTenants(rows)
        self.keys = MemoryKeys(rows.api_keys, None)
        self.credentials = MemoryCredentials(rows)
        self.people = MemoryPeople(rows, None)
        self.audit = MemoryOperatorAudit(rows)
        self.kept_answers = MemoryKeptAnswers(rows, None)
        self._rows = rows

    async def stats(self) -> InstallationStats:
        """Return the counts. There are no workers here, so there are no heartbeats."""
        stored = self._rows.connections
        running = {key for key, one in stored.items() if not one.connection.paused}
        due = (s.due_at for s in self._rows.sends.values() if s.due_at is not None and s.connection_id in running)
        counts = [
            await MemoryCounts(self._rows, tenant_id, datetime.now(UTC)).jobs() for tenant_id in self._rows.tenants
        ]
        return InstallationStats(
            jobs={waiting: sum(one.groups[waiting].jobs for one in counts) for waiting in Waiting},
            attention=sum(one.attention for one in counts),
            new_records=sum(one.new_records for one in counts),
            unclear_annotations=sum(one.unclear_annotations for one in counts),
            sends=Counter(send.state for send in self._rows.sends.values()),
            oldest_due=min(due, default=None),
            doubts=sum(line.state is LineState.IN_DOUBT for line in self._rows.ledger.values()),
            connections=len(stored),
            held=sum(one.connection.hold is not None for one in stored.values()),
            paused=len(stored) - len(running),
            workers=0,
        )

    async def workers(self) -> Sequence[WorkerHeartbeat]:
        return ()


class MemoryTransactions(Transactions):
    """`rows` is the committed data; `rows.woken` lists the connections with a queued wake-up. `now` is the clock, and
    `change_feed` is told of every commit."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.rows = Rows()
        self.change_feed = MemoryChangeFeed()
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def tenant_of(self, connection_id: str) -> str:
        found = self.rows.connections.get(connection_id)
        if found is None:
            raise connection_missing(connection_id)
        return found.connection.tenant_id

    @asynccontextmanager
    async def begin(self, tenant_id: str) -> AsyncIterator[TenantTransaction]:
        async with self._on_a_copy() as rows:
            yield MemoryTenantTransaction(rows, tenant_id, self._now(), lambda: self._commit(rows))

    @asynccontextmanager
    async def changing(self, tenant_id: str, query: FactsQuery) -> AsyncIterator[tuple[TenantTransaction, StoredFacts]]:
        async with self.begin(tenant_id) as t:
            yield t, await t.changes.facts(query)

    @asynccontextmanager
    async def resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AsyncIterator[tuple[SendChanges, DueSend]]:
        async with self.begin(tenant_id) as t:
            yield t.changes, await t.changes.next_due(connection_id, steps)

    async def request(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        async with self._on_a_copy() as rows:
            return await MemorySendRequests(rows, tenant_id, self._now()).store(request)

    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        async with self._on_a_copy() as rows:
            return await MemorySendChanges(rows, tenant_id, self._now()).next_due(connection_id, steps, lease=True)

    async def plan_input(
        self, tenant_id: str, job_id: str, *, connection_id: str | None = None, slug: str | None = None
    ) -> PlanInput:
        async with self.begin(tenant_id) as t:
            connection = await (t.connections.by_slug(slug) if slug else t.connections.get(connection_id or ""))
            record = await t.work_orders.find(connection.id, job_id)
            return PlanInput(
                tenant=await t.tenant(),
                account=await t.account(),
                connection=connection,
                aliases=bool(await t.aliases.page(connection.id, limit=1)),
                lists=await has_lists(t.code_lists, connection.id),
                record=record,
            )

    async def aliases_of(self, tenant_id: str, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        async with self.begin(tenant_id) as t:
            return await t.aliases.of(connection_id, keys)

    async def listed(self, tenant_id: str, connection_id: str, codes: Collection[Code]) -> ListedCodes:
        async with self.begin(tenant_id) as t:
            states = await t.code_lists.states(connection_id)
            return ListedCodes.of([*states.values()], await t.code_lists.of(connection_id, codes))

    async def standing(self, tenant_id: str, query: StandingQuery) -> Standing:
        async with self._on_a_copy() as rows:
            return await MemorySendChanges(rows, tenant_id, self._now()).standing(query)

    @asynccontextmanager
    async def begin_instance(self) -> AsyncIterator[InstanceTransaction]:
        async with self._on_a_copy() as rows:
            yield MemoryInstanceTransaction(rows)

    async def exported(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        for row in exported_rows(self.rows, tenant_id):
            yield row

    @asynccontextmanager
    async def _on_a_copy(self) -> AsyncIterator[Rows]:
        """Commit the copy only if the block ends without an error. Values are frozen: copied containers are enough."""
        async with self._one_at_a_time:
            rows = Rows(**{name: copy.copy(getattr(self.rows, name)) for name in Rows.__dataclass_fields__})
            yield rows
            if self.rows is not rows:
                self._commit(rows)

    def _commit(self, rows: Rows) -> None:
        before, self.rows = self.rows, rows
        self.change_feed.committed(before, rows)
