"""Database transactions for one tenant: the application filters by tenant, and row-level security enforces it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import AsyncClientCursor
from psycopg import AsyncConnection as DriverConnection
from psycopg.pq import TransactionStatus
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.outbound.postgres.changes.functions import Functions
from adapters.outbound.postgres.changes.request_queue import RequestQueue
from adapters.outbound.postgres.changes.row_reader import RowReader
from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.outbound.postgres.changes.send_requests import PostgresSendRequests
from adapters.outbound.postgres.credentials import PostgresCredentials
from adapters.outbound.postgres.keys import PostgresKeys
from adapters.outbound.postgres.operations.audit import PostgresOperatorAudit
from adapters.outbound.postgres.operations.export import AT_ONE_MOMENT, rows_of
from adapters.outbound.postgres.operations.kept_answers import PostgresKeptAnswers
from adapters.outbound.postgres.operations.resealing import Resealing
from adapters.outbound.postgres.operations.stats import collect_stats, list_workers
from adapters.outbound.postgres.people import PostgresPeople
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.failures import other_key, passing
from adapters.outbound.postgres.server.sessions import Session, Sessions
from adapters.outbound.postgres.server.turns import Turns
from adapters.outbound.postgres.tables.setup import due_work, tenants
from adapters.outbound.postgres.tenant_transaction import PostgresTenantTransaction
from adapters.outbound.postgres.tenants import PostgresTenants
from core.model.mappings.alias import Alias, AliasKey
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.sending.send import Step
from core.model.shared.errors import NotFound
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
from ports.storage.send_requests import RequestedSends, StoredRequest
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions
from ports.vault import Vault

_BEGIN = (
    b"BEGIN; SELECT set_config(%s, %s, true), set_config('synchronous_commit',"
    b" CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)"
)
"""Every commit is on disk, whatever the server's default is: if a power failure removed an intent, its line would be
sent a second time. The one stronger setting stays."""


def make_engine(url: str, *, pool_size: int = 20) -> AsyncEngine:
    """Return an engine for the service's role, with up to `pool_size` sessions for transactions.

    One more is for whoever asks the engine itself, such as the watch.
    """
    # The session that was used last comes first: it knows the tables and the statements already.
    return service_engine(url, pool_size=pool_size, max_overflow=1, pool_use_lifo=True)


class PostgresInstanceTransaction(InstanceTransaction):
    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        self.tenants = PostgresTenants(connection, vault)
        self.keys = PostgresKeys(connection, None)
        self.credentials = PostgresCredentials(connection)
        self.people = PostgresPeople(connection, None)
        self.audit = PostgresOperatorAudit(connection)
        self.kept_answers = PostgresKeptAnswers(connection, None, vault)
        self._connection = connection

    async def stats(self) -> InstallationStats:
        return await collect_stats(self._connection)

    async def workers(self) -> Sequence[WorkerHeartbeat]:
        return await list_workers(self._connection)


class PostgresTransactions(Transactions):
    """`ahead` moves the database's time, for tests that skip a quarter of an hour."""

    def __init__(self, engine: AsyncEngine, vault: Vault, *, ahead: Callable[[], timedelta] = timedelta) -> None:
        self._sessions = Sessions(engine)
        self._vault = vault
        self._ahead = ahead
        self._reader = RowReader(vault)
        self._turns = Turns()
        self._requests = RequestQueue(self._store_together)

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

    async def request(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        return await self._requests(tenant_id, request)

    async def _store_together(self, tenant_id: str, requests: Sequence[RequestedSends]) -> Sequence[StoredRequest]:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendRequests(functions, self._reader).store_together(requests[0].slug, requests)

    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendChanges(functions, self._reader).next_due(connection_id, steps, lease=True)

    async def plan_input(
        self, tenant_id: str, job_id: str, *, connection_id: str | None = None, slug: str | None = None
    ) -> PlanInput:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendChanges(functions, self._reader).plan_input(
                job_id, connection_id=connection_id, slug=slug
            )

    async def aliases_of(self, tenant_id: str, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendChanges(functions, self._reader).aliases_of(connection_id, keys)

    async def listed(self, tenant_id: str, connection_id: str, codes: Collection[Code]) -> ListedCodes:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendChanges(functions, self._reader).listed(connection_id, codes)

    async def standing(self, tenant_id: str, query: StandingQuery) -> Standing:
        async with self._single_statement(tenant_id) as functions:
            return await PostgresSendChanges(functions, self._reader).standing(query)

    async def tenant_of(self, connection_id: str) -> str:
        async with self._connected("app.tenant", "") as connection:
            drain = (due_work.c.kind == WorkKind.DRAIN) & (due_work.c.subject == connection_id)
            found = await connection.execute(select(due_work.c.tenant_id).where(drain))
            tenant_id: str | None = found.scalar_one_or_none()
        if tenant_id is None:
            raise NotFound(f"There is no connection {connection_id}.", code="CONNECTION_NOT_FOUND")
        return tenant_id

    async def exported(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        async with self._session(tenant_id) as session:
            await session.driver.execute(AT_ONE_MOMENT)
            await session.driver.execute("SELECT set_config('app.tenant', %s, true)", (tenant_id,))
            async with aclosing(rows_of(session.driver, tenant_id)) as rows:
                async for row in rows:
                    yield row

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
        async with self._transaction("app.tenant", tenant_id) as session:
            yield self._of_tenant(session, self._functions(session, tenant_id))

    @asynccontextmanager
    async def _begin_instance(self) -> AsyncIterator[InstanceTransaction]:
        async with self._connected("app.operator", "on") as connection:
            yield PostgresInstanceTransaction(connection, self._vault)

    @asynccontextmanager
    async def _changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AsyncIterator[tuple[TenantTransaction, StoredFacts]]:
        async with self._session(tenant_id) as session:
            t = self._of_tenant(session, self._functions(session, tenant_id, begins=True))
            yield t, await t.changes.facts(query)

    @asynccontextmanager
    async def _resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AsyncIterator[tuple[SendChanges, DueSend]]:
        async with self._session(tenant_id) as session:
            changes = PostgresSendChanges(self._functions(session, tenant_id, begins=True), self._reader)
            yield changes, await changes.next_due(connection_id, steps, last=True)

    @asynccontextmanager
    async def _single_statement(self, tenant_id: str) -> AsyncIterator[Functions]:
        """For one statement that is a transaction of its own, without a BEGIN and a COMMIT."""
        async with self._session(tenant_id) as session:
            yield self._functions(session, tenant_id)

    def _of_tenant(self, session: Session, functions: Functions) -> PostgresTenantTransaction:
        connection, tenant_id = session.connection, functions.tenant_id
        return PostgresTenantTransaction(connection, tenant_id, self._vault, functions, self._reader, self._ahead())

    def _functions(self, session: Session, tenant_id: str, *, begins: bool = False) -> Functions:
        return Functions(session.driver, tenant_id, self._ahead(), begins=begins)

    @asynccontextmanager
    async def _connected(self, setting: str, value: str) -> AsyncIterator[AsyncConnection]:
        """A transaction with `setting`, for statements of SQLAlchemy."""
        async with self._transaction(setting, value) as session:
            yield session.connection

    @asynccontextmanager
    async def _transaction(self, setting: str, value: str) -> AsyncIterator[Session]:
        """Begin a transaction with `setting` and durable commits, in one round trip."""
        async with self._session(value) as session:
            async with AsyncClientCursor(session.driver) as cursor:
                await cursor.execute(_BEGIN, (setting, value))
            yield session

    @asynccontextmanager
    async def _session(self, whose: str) -> AsyncIterator[Session]:
        """A session in which nothing has begun. What the block begins is committed. A lost database is temporary.

        `whose` takes turns with others: a tenant, the operator, or '' for who asks which tenant it is.
        """
        try:
            async with self._turns.of(whose), self._sessions.session() as session:
                yield session
                await _commit(session.driver)
        except (SQLAlchemyError, psycopg.Error) as error:
            raise passing(error) or error from error


async def _commit(driver: DriverConnection[Any]) -> None:
    """Commit what is not committed yet. PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK and no
    error. Code that ignored the statement's error would assume that everything was stored."""
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("A statement of this transaction failed, so it cannot be stored.")
    if driver.info.transaction_status != TransactionStatus.IDLE:
        await driver.commit()
