"""Seals all secrets again under the first key: tenant by tenant, during normal operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.client_secrets import NEXT as NEXT_SECRET
from adapters.outbound.postgres.connections import AUTHORIZATION_ID, CLIENT_SECRET
from adapters.outbound.postgres.data_keys import await_new_keys
from adapters.outbound.postgres.notifications import LINK_KEY, URL
from adapters.outbound.postgres.repository import secret_field
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.server.session import verify_session
from adapters.outbound.postgres.tables.notifying import recipients
from adapters.outbound.postgres.tables.setup import connections, kept_answers, tenants
from adapters.outbound.postgres.tables.webhooks import webhook_endpoints
from adapters.outbound.postgres.tenants import LOGIN_FIELD
from adapters.outbound.postgres.webhook_endpoints import PREVIOUS_SECRET, SECRET
from core.model.shared.errors import Conflict
from ports.vault import Vault

_ONE_AT_A_TIME = 4_718_823_003
_SEALED: Mapping[Table, Sequence[str]] = {
    connections: (AUTHORIZATION_ID, CLIENT_SECRET, NEXT_SECRET),
    webhook_endpoints: (SECRET, PREVIOUS_SECRET),
    recipients: (LINK_KEY, URL),
}
Scope = Callable[[str, str], AbstractAsyncContextManager[AsyncConnection]]


@dataclass(frozen=True, slots=True)
class KeyedTenant:
    id: str
    slug: str


class Resealing:
    """`scope` begins a transaction with one setting, which decides which rows row-level security shows."""

    def __init__(self, scope: Scope, vault: Vault) -> None:
        self._scope = scope
        self._vault = vault

    async def tenants_left(self) -> Sequence[KeyedTenant]:
        """Return the tenants whose data key is not wrapped by the first key. No tenant is added after the call."""
        async with self._scope("app.operator", "on") as connection:
            await await_new_keys(connection)
            await self._forget_answers(connection)
            found = await connection.execute(
                select(tenants.c.id, tenants.c.slug, tenants.c.data_key).order_by(tenants.c.seq)
            )
            return [KeyedTenant(id, slug) for id, slug, data_key in found if not self._vault.current(data_key)]

    async def _forget_answers(self, connection: AsyncConnection) -> None:
        """Answers that are kept for a day are not sealed again: that they were given is enough to know."""
        found = await connection.execute(
            select(kept_answers.c.id, kept_answers.c.data_key).where(kept_answers.c.data_key.is_not(None))
        )
        old = [id for id, data_key in found if not self._vault.current(data_key)]
        await connection.execute(
            update(kept_answers).where(kept_answers.c.id.in_(old)).values(answer=None, data_key=None)
        )

    async def reseal(self, tenant_id: str) -> bool:
        """Seal all secrets of a tenant under a new data key, in one transaction. Return False if already done.

        The data key is new, not only wrapped again: somebody who knows the old one can then open nothing.
        Raises OperatorMends (SECRET_UNREADABLE) and changes nothing.
        """
        async with self._scope("app.tenant", tenant_id) as connection:
            found = await connection.execute(
                select(tenants).where(tenants.c.id == tenant_id).with_for_update(key_share=True)
            )
            row = found.mappings().first()
            if row is None or self._vault.current(row["data_key"]):
                return False
            await self._forget_answers(connection)
            fresh = self._vault.new_data_key()

            def anew(field: str, sealed: bytes) -> bytes:
                opened = self._vault.open(row["data_key"], tenant_id, field, sealed)
                return self._vault.seal(fresh, tenant_id, field, opened)

            for table in _SEALED:
                await self._reseal_rows(connection, tenant_id, table, anew)
            await connection.execute(
                update(tenants)
                .where(tenants.c.id == tenant_id, tenants.c.data_key == row["data_key"])
                .values(data_key=fresh, login_secret=anew(LOGIN_FIELD, row["login_secret"]))
            )
            return True

    async def _reseal_rows(
        self, connection: AsyncConnection, tenant_id: str, table: Table, anew: Callable[[str, bytes], bytes]
    ) -> None:
        ours = table.c.tenant_id == tenant_id
        found = await connection.execute(select(table).where(ours).order_by(table.c.id).with_for_update(key_share=True))
        for row in found.mappings().all():
            values = {
                name: anew(secret_field(table, row["id"], name), row[name])
                for name in _SEALED[table]
                if row[name] is not None
            }
            await connection.execute(update(table).where(ours, table.c.id == row["id"]).values(values))


@asynccontextmanager
async def only_rotation(url: str) -> AsyncIterator[None]:
    """Hold the rotation lock until the block or the process ends. Raises Conflict (ROTATION_RUNNING) if it is taken."""
    async with await psycopg.AsyncConnection.connect(as_role_dsn(url), autocommit=True) as connection:
        await verify_session(connection)
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_ONE_AT_A_TIME,))).fetchone()
        if row is None or not row[0]:
            raise Conflict(
                "Another `jobferry secrets rotate` is running on this database.",
                code="ROTATION_RUNNING",
                fix="Wait until it ends. If it was stopped, run the command again.",
            )
        yield
