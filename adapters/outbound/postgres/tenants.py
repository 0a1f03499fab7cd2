"""Tenants, for the installation's operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import held_data_key, made_data_key
from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import StoredRow, tenant_of, tenant_settings
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables.notifying import recipients
from adapters.outbound.postgres.tables.reconciling import reconciled_jobs, reconciliations
from adapters.outbound.postgres.tables.sending import idempotency_keys
from adapters.outbound.postgres.tables.setup import (
    api_keys,
    hints,
    kept_answers,
    people,
    servicetrade_webhooks,
    tenant_watch,
    tenants,
)
from adapters.outbound.postgres.tables.webhooks import webhook_endpoints
from core.model.shared.errors import Conflict
from core.model.tenants.tenant import ClientLogin, Login, PasswordLogin, ServiceTradeAccount, Tenant, tenant_missing
from ports.storage.due_work import WorkKind
from ports.storage.tenants import Tenants
from ports.vault import Vault

LOGIN_FIELD = "tenants.login_secret"


class PostgresTenants(Repository, Tenants):
    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        super().__init__(connection)
        self._vault = vault

    async def add(self, tenant: Tenant, login: Login) -> None:
        data_key = await made_data_key(self._connection, self._vault)
        kind, name, secret = _login_parts(login)
        values: dict[str, Any] = {
            "id": tenant.id,
            "slug": tenant.slug,
            "settings": tenant_settings(tenant),
            "paused": tenant.paused,
            "created_at": tenant.created_at,
            "signed_in_at": tenant.signed_in_at,
            "data_key": data_key,
            "login_kind": kind,
            "login_name": name,
            "login_secret": self._vault.seal(data_key, tenant.id, LOGIN_FIELD, secret),
        }
        try:
            await self._run(insert(tenants).values(values))
        except IntegrityError as error:
            if violates(error, "tenants_slug_key"):
                raise Conflict(
                    f"A tenant {tenant.slug} already exists.", code="TENANT_EXISTS", fix="Choose another slug."
                ) from error
            raise
        await self._act_as(tenant.id)
        await DueMoments(self._connection, tenant.id).add(WorkKind.COMPLETIONS, tenant.id)

    async def change(self, tenant: Tenant, login: Login | None) -> Tenant:
        values: dict[str, Any] = {"settings": tenant_settings(tenant)}
        if login:
            data_key = await held_data_key(self._connection, tenant.id)
            kind, name, secret = _login_parts(login)
            sealed = self._vault.seal(data_key, tenant.id, LOGIN_FIELD, secret)
            values |= {"login_kind": kind, "login_name": name, "login_secret": sealed}
        return await self._update(tenant, values)

    async def set_paused(self, tenant: Tenant, paused: bool) -> Tenant:
        return await self._update(tenant, {"paused": paused})

    async def set_signed_in(self, tenant_id: str, at: datetime | None) -> None:
        await self._run(update(tenants).where(tenants.c.id == tenant_id).values(signed_in_at=at))

    async def set_first_steps_hidden(self, tenant_id: str, hidden: bool) -> None:
        await self._run(update(tenants).where(tenants.c.id == tenant_id).values(first_steps_hidden=hidden))

    async def _update(self, tenant: Tenant, values: dict[str, Any]) -> Tenant:
        changed = update(tenants).where(tenants.c.id == tenant.id).values(values).returning(tenants)
        return tenant_of(await self._row_or(tenant_missing(tenant.slug), changed))

    async def remove(self, tenant_id: str) -> None:
        await self._act_as(tenant_id)
        for table in (
            reconciled_jobs,
            reconciliations,
            recipients,
            people,
            webhook_endpoints,
            servicetrade_webhooks,
            tenant_watch,
            hints,
            idempotency_keys,
            kept_answers,
            api_keys,
        ):
            await self._run(delete(table).where(table.c.tenant_id == tenant_id))
        await self._run(select(func.forget_audit(tenant_id)))
        await self._run(delete(tenants).where(tenants.c.id == tenant_id))

    async def _act_as(self, tenant_id: str) -> None:
        """Row-level security shows a tenant's tables only to this tenant, so be it for the rest of the transaction."""
        await self._run(select(func.set_config("app.tenant", tenant_id, True)))

    async def by_slug(self, slug: str) -> Tenant:
        return tenant_of(await self._row_or(tenant_missing(slug), select(tenants).where(tenants.c.slug == slug)))

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Tenant]:
        page = select(tenants).order_by(tenants.c.id).limit(limit)
        if after is not None:
            page = page.where(tenants.c.id > after)
        return [tenant_of(row) for row in await self._rows(page)]

    async def all(self) -> Sequence[Tenant]:
        return [tenant_of(row) for row in await self._rows(select(tenants).order_by(tenants.c.seq))]


def account_of(row: StoredRow, vault: Vault) -> ServiceTradeAccount:
    """Return the tenant's account with its decrypted secret."""
    secret = vault.open(row["data_key"], row["id"], LOGIN_FIELD, row["login_secret"])
    login_of = PasswordLogin if row["login_kind"] == "password" else ClientLogin
    return ServiceTradeAccount(row["id"], tenant_of(row).base_url, login_of(row["login_name"], secret))


def _login_parts(login: Login) -> tuple[str, str, Any]:
    match login:
        case PasswordLogin(username, password):
            return "password", username, password
        case ClientLogin(client_id, client_secret):
            return "client", client_id, client_secret
