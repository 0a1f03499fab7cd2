"""Database transactions for one tenant: the application filters by tenant, and row-level security enforces it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import AsyncConnection as DriverConnection
from psycopg.pq import TransactionStatus
from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.outbound.postgres.aliases import PostgresAliases
from adapters.outbound.postgres.changes.row_reader import RowReader
from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.outbound.postgres.client_secrets import PostgresClientSecrets
from adapters.outbound.postgres.completions import PostgresCompletions
from adapters.outbound.postgres.connections import PostgresConnections
from adapters.outbound.postgres.credentials import PostgresCredentials
from adapters.outbound.postgres.keys import PostgresKeys
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.operations.audit import PostgresAudit
from adapters.outbound.postgres.operations.resealing import Resealing
from adapters.outbound.postgres.operations.retention import PostgresRetention
from adapters.outbound.postgres.operations.stats import collect_stats, list_workers
from adapters.outbound.postgres.people import PostgresPeople
from adapters.outbound.postgres.records import tenant_of
from adapters.outbound.postgres.sends import PostgresSends
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.failures import other_key, passing, read_only
from adapters.outbound.postgres.tables.setup import due_work, tenants
from adapters.outbound.postgres.tenants import PostgresTenants, account_of
from adapters.outbound.postgres.warnings import PostgresWarnings
from adapters.outbound.postgres.webhook_endpoints import PostgresWebhookEndpoints
from adapters.outbound.postgres.webhooks import PostgresWebhooks
from adapters.outbound.postgres.work_orders import PostgresWorkOrders
from core.model.mappings.alias import Alias, AliasKey
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.sending.send import Step
from core.model.shared.errors import NotFound
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from ports.storage.due_work import WorkKind
from ports.storage.send_changes import (
    DueSend,
    FactsQuery,
    PlanInput,
    SendChanges,
    Standing,
    StandingQuery,
    StoredFacts,
)
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions
from ports.vault import Vault

_ON_DISK = func.set_config(
    "synchronous_commit",
    case((func.current_setting("synchronous_commit") == "remote_apply", "remote_apply"), else_="on"),
    True,
)
"""Every commit is on disk, whatever the server's default is: if a power failure removed an intent, its line would be
sent a second time. The one stronger setting stays."""


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Return a connection pool for the service's role, with up to twice `pool_size` connections at peaks."""
    return service_engine(url, pool_size=pool_size, max_overflow=pool_size)


class PostgresTenantTransaction(TenantTransaction):
    def __init__(
        self,
        connection: AsyncConnection,
        tenant_id: str,
        vault: Vault,
        changes: SendChanges,
        ahead: timedelta = timedelta(),
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._vault = vault
        self._ahead = ahead
        self.sends = PostgresSends(connection, tenant_id)
        self.changes = changes
        self.connections = PostgresConnections(connection, tenant_id, vault)
        self.work_orders = PostgresWorkOrders(connection, tenant_id)
        self.ledger = PostgresLedger(connection, tenant_id, ahead)
        self.warnings = PostgresWarnings(connection, tenant_id)
        self.completions = PostgresCompletions(connection, tenant_id)
        self.webhooks = PostgresWebhooks(connection, tenant_id)
        self.aliases = PostgresAliases(connection, tenant_id)
        self.client_secrets = PostgresClientSecrets(connection, tenant_id, vault)
        self.webhook_endpoints = PostgresWebhookEndpoints(connection, tenant_id, vault)
        self.audit = PostgresAudit(connection, tenant_id)
        self.keys = PostgresKeys(connection, tenant_id)
        self.people = PostgresPeople(connection, tenant_id)
        self.retention = PostgresRetention(connection, tenant_id)

    async def now(self) -> datetime:
        found = await self._connection.execute(select(func.now()))
        now: datetime = found.scalar_one()
        return now + self._ahead

    async def tenant(self) -> Tenant:
        found = await self._connection.execute(select(tenants).where(tenants.c.id == self._tenant_id))
        return tenant_of(found.mappings().one())

    async def account(self) -> ServiceTradeAccount:
        found = await self._connection.execute(select(tenants).where(tenants.c.id == self._tenant_id))
        return account_of(found.mappings().one(), self._vault)


class PostgresInstanceTransaction(InstanceTransaction):
    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        self.tenants = PostgresTenants(connection, vault)
        self.keys = PostgresKeys(connection, None)
        self.credentials = PostgresCredentials(connection)
        self.people = PostgresPeople(connection, None)
        self._connection = connection

    async def stats(self) -> InstallationStats:
        return await collect_stats(self._connection)

    async def workers(self) -> Sequence[WorkerHeartbeat]:
        return await list_workers(self._connection)


class PostgresTransactions(Transactions):
    """`ahead` moves the database's time, for tests that skip a quarter of an hour."""

    def __init__(self, engine: AsyncEngine, vault: Vault, *, ahead: Callable[[], timedelta] = timedelta) -> None:
        self._engine = engine
        self._vault = vault
        self._ahead = ahead
        self._reader = RowReader(vault)

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        return self._begin(tenant_id)

    def begin_instance(self) -> AbstractAsyncContextManager[InstanceTransaction]:
        return self._begin_instance()

    def changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AbstractAsyncContextManager[tuple[TenantTransaction, StoredFacts]]:
        return self._changing(tenant_id, query)

    def resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AbstractAsyncContextManager[tuple[SendChanges, DueSend]]:
        return self._resting(tenant_id, connection_id, steps)

    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        async with self._single_statement(tenant_id) as changes:
            return await changes.next_due(connection_id, steps, lease=True)

    async def plan_input(
        self, tenant_id: str, job_id: str, *, connection_id: str | None = None, slug: str | None = None
    ) -> PlanInput:
        async with self._single_statement(tenant_id) as changes:
            return await changes.plan_input(job_id, connection_id=connection_id, slug=slug)

    async def aliases_of(self, tenant_id: str, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        async with self._single_statement(tenant_id) as changes:
            return await changes.aliases_of(connection_id, keys)

    async def standing(self, tenant_id: str, query: StandingQuery) -> Standing:
        async with self._single_statement(tenant_id) as changes:
            return await changes.standing(query)

    async def tenant_of(self, connection_id: str) -> str:
        async with self._connected("app.tenant", "") as connection:
            drain = (due_work.c.kind == WorkKind.DRAIN) & (due_work.c.subject == connection_id)
            found = await connection.execute(select(due_work.c.tenant_id).where(drain))
            tenant_id: str | None = found.scalar_one_or_none()
        if tenant_id is None:
            raise NotFound(f"There is no connection {connection_id}.", code="CONNECTION_NOT_FOUND")
        return tenant_id

    def resealing(self) -> Resealing:
        """Return the resealing for a change of the installation's key."""
        return Resealing(self._connected, self._vault)

    async def require_key(self) -> None:
        """Raises OperatorMends (SECRET_UNREADABLE) if a tenant's secrets need a key that was not given."""
        async with self._connected("app.operator", "on") as connection:
            found = (await connection.execute(select(tenants.c.slug, tenants.c.data_key).order_by(tenants.c.seq))).all()
        strange = [slug for slug, data_key in found if not self._vault.knows(data_key)]
        if strange:
            raise other_key(strange, of=len(found))

    @asynccontextmanager
    async def _begin(self, tenant_id: str) -> AsyncIterator[TenantTransaction]:
        async with self._connected("app.tenant", tenant_id) as connection:
            yield PostgresTenantTransaction(
                connection, tenant_id, self._vault, self._changes(await driver_of(connection), tenant_id), self._ahead()
            )

    @asynccontextmanager
    async def _begin_instance(self) -> AsyncIterator[InstanceTransaction]:
        async with self._connected("app.operator", "on") as connection:
            yield PostgresInstanceTransaction(connection, self._vault)

    @asynccontextmanager
    async def _changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AsyncIterator[tuple[TenantTransaction, StoredFacts]]:
        async with self._autocommit() as (connection, driver):
            changes = self._changes(driver, tenant_id, begins=True)
            facts = await changes.facts(query)
            yield PostgresTenantTransaction(connection, tenant_id, self._vault, changes, self._ahead()), facts
            await _commit(driver)

    @asynccontextmanager
    async def _resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AsyncIterator[tuple[SendChanges, DueSend]]:
        async with self._autocommit() as (_, driver):
            changes = self._changes(driver, tenant_id, begins=True)
            yield changes, await changes.next_due(connection_id, steps, last=True)
            await _commit(driver)

    @asynccontextmanager
    async def _single_statement(self, tenant_id: str) -> AsyncIterator[PostgresSendChanges]:
        """For one statement that is a transaction of its own, without a BEGIN and a COMMIT."""
        async with self._autocommit() as (_, driver):
            yield self._changes(driver, tenant_id)

    @asynccontextmanager
    async def _autocommit(self) -> AsyncIterator[tuple[AsyncConnection, DriverConnection[Any]]]:
        async with self._driver() as (connection, driver):
            await driver.set_autocommit(True)
            try:
                yield connection, driver
            finally:
                if not driver.closed:
                    await driver.rollback()  # nothing, if it was committed
                    await driver.set_autocommit(False)

    def _changes(self, driver: DriverConnection[Any], tenant_id: str, *, begins: bool = False) -> PostgresSendChanges:
        return PostgresSendChanges(driver, tenant_id, self._reader, self._ahead(), begins=begins)

    @asynccontextmanager
    async def _connected(self, setting: str, value: str) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction with `setting` and durable commits, in one round trip. A lost database is temporary."""
        async with self._driver() as (connection, _):
            await connection.execute(select(func.set_config(setting, value, True), _ON_DISK))
            yield connection

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[tuple[AsyncConnection, DriverConnection[Any]]]:
        """A transaction in which nothing is set yet, also as the driver's connection. A lost database is temporary."""
        try:
            async with self._engine.connect() as connection:
                driver = await driver_of(connection)
                try:
                    yield connection, driver
                    await _commit(driver)
                except psycopg.Error as error:
                    if driver.broken or read_only(error):
                        await connection.invalidate(error)
                    raise
        except (SQLAlchemyError, psycopg.Error) as error:
            raise passing(error) or error from error


async def _commit(driver: DriverConnection[Any]) -> None:
    """Commit what is not committed yet. PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK and no
    error. Code that ignored the statement's error would assume that everything was stored."""
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("A statement of this transaction failed, so it cannot be stored.")
    await driver.commit()


async def driver_of(connection: AsyncConnection) -> DriverConnection[Any]:
    """Return the driver's connection, for statements that do not need SQLAlchemy."""
    driver: DriverConnection[Any] | None = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise RuntimeError("The pool has returned a connection without a driver.")
    return driver
