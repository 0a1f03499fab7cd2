"""What a transaction of one tenant reads and writes: its repositories, its time and its account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.changes.creations import PostgresCreations
from adapters.outbound.postgres.changes.functions import Functions
from adapters.outbound.postgres.changes.row_reader import RowReader
from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.outbound.postgres.changes.send_requests import PostgresSendRequests
from adapters.outbound.postgres.client_secrets import PostgresClientSecrets
from adapters.outbound.postgres.completions import PostgresCompletions
from adapters.outbound.postgres.connections import PostgresConnections
from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.keys import PostgresKeys
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.mappings.aliases import PostgresAliases
from adapters.outbound.postgres.mappings.code_lists import PostgresCodeLists
from adapters.outbound.postgres.mappings.suggestions import PostgresSuggestions
from adapters.outbound.postgres.notifications import PostgresNotifications
from adapters.outbound.postgres.operations.audit import PostgresAudit
from adapters.outbound.postgres.operations.counts import PostgresCounts
from adapters.outbound.postgres.operations.kept_answers import PostgresKeptAnswers
from adapters.outbound.postgres.operations.reconciliations import PostgresReconciliations
from adapters.outbound.postgres.operations.retention import PostgresRetention
from adapters.outbound.postgres.people import PostgresPeople
from adapters.outbound.postgres.records import tenant_of
from adapters.outbound.postgres.sends import PostgresSends
from adapters.outbound.postgres.tables.setup import tenants
from adapters.outbound.postgres.tenants import account_of
from adapters.outbound.postgres.warnings import PostgresWarnings
from adapters.outbound.postgres.webhook_endpoints import PostgresWebhookEndpoints
from adapters.outbound.postgres.webhooks import PostgresWebhooks
from adapters.outbound.postgres.work_orders import PostgresWorkOrders
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from ports.storage.due_work import WorkKind
from ports.storage.transactions import TenantTransaction
from ports.vault import Vault


class PostgresTenantTransaction(TenantTransaction):
    def __init__(
        self,
        connection: AsyncConnection,
        tenant_id: str,
        vault: Vault,
        functions: Functions,
        reader: RowReader,
        ahead: timedelta = timedelta(),
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault
        self._ahead = ahead
        self.sends = PostgresSends(connection, tenant_id)
        self.changes = PostgresSendChanges(functions, reader)
        self.requests = PostgresSendRequests(functions, reader)
        self.connections = PostgresConnections(connection, tenant_id, vault)
        self.work_orders = PostgresWorkOrders(connection, tenant_id)
        self.ledger = PostgresLedger(connection, tenant_id)
        self.warnings = PostgresWarnings(connection, tenant_id)
        self.completions = PostgresCompletions(connection, tenant_id)
        self.webhooks = PostgresWebhooks(connection, tenant_id)
        self.aliases = PostgresAliases(connection, tenant_id)
        self.code_lists = PostgresCodeLists(connection, tenant_id)
        self.client_secrets = PostgresClientSecrets(connection, tenant_id, vault)
        self.webhook_endpoints = PostgresWebhookEndpoints(connection, tenant_id, vault)
        self.notifications = PostgresNotifications(connection, tenant_id, vault)
        self.audit = PostgresAudit(connection, tenant_id)
        self.keys = PostgresKeys(connection, tenant_id)
        self.people = PostgresPeople(connection, tenant_id)
        self.retention = PostgresRetention(connection, tenant_id)
        self.counts = PostgresCounts(connection, tenant_id)
        self.kept_answers = PostgresKeptAnswers(connection, tenant_id, vault)
        self.reconciliations = PostgresReconciliations(connection, tenant_id)
        self.suggestions = PostgresSuggestions(connection, tenant_id)
        self.creations = PostgresCreations(connection, tenant_id, ahead)

    async def now(self) -> datetime:
        found = await self._connection.execute(select(func.now()))
        now: datetime = found.scalar_one()
        return now + self._ahead

    async def tenant(self) -> Tenant:
        found = await self._connection.execute(select(tenants).where(tenants.c.id == self._tenant_id))
        return tenant_of(found.mappings().one())

    async def pull_forward(self, kind: WorkKind, subjects: Collection[str], beyond: datetime) -> int:
        return await DueMoments(self._connection, self._tenant_id).pull_forward(kind, subjects, beyond)

    async def account(self) -> ServiceTradeAccount:
        found = await self._connection.execute(select(tenants).where(tenants.c.id == self._tenant_id))
        return account_of(found.mappings().one(), self._vault)
