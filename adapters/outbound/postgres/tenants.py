"""Tenants and operator keys, as the installation's operator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.data_keys import made_data_key
from adapters.outbound.postgres.failures import violates
from adapters.outbound.postgres.tables import operator_keys, tenants
from core.model.errors import Conflict, NotFound
from core.model.tenant import ClientLogin, Login, PasswordLogin, ServiceTradeAccount, Tenant
from ports.tenants import OperatorKeys, Tenants
from ports.vault import Vault

LOGIN_FIELD = "tenants.login_secret"


class PostgresTenants(Tenants):
    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, tenant: Tenant, login: Login) -> None:
        data_key = await made_data_key(self._connection, self._vault)
        kind, name, secret = _login_parts(login)
        values: dict[str, Any] = {
            "id": tenant.id, "slug": tenant.slug, "name": tenant.name, "base_url": tenant.base_url,
            "paused": tenant.paused, "created_at": tenant.created_at, "data_key": data_key,
            "login_kind": kind, "login_name": name,
            "login_secret": self._vault.seal(data_key, tenant.id, LOGIN_FIELD, secret),
        }  # fmt: skip
        try:
            await self._connection.execute(insert(tenants).values(values))
        except IntegrityError as error:
            if violates(error, "tenants_slug_key"):
                raise Conflict(
                    f"A tenant {tenant.slug} exists already.", code="TENANT_EXISTS", fix="Choose another slug."
                ) from error
            raise

    async def by_slug(self, slug: str) -> Tenant:
        found = await self._connection.execute(select(tenants).where(tenants.c.slug == slug))
        row = found.mappings().first()
        if row is None:
            raise NotFound(
                f"There is no tenant {slug}.", code="TENANT_NOT_FOUND", fix="List them: jobferry tenants list."
            )
        return tenant_of(row)

    async def all(self) -> Sequence[Tenant]:
        found = await self._connection.execute(select(tenants).order_by(tenants.c.seq))
        return [tenant_of(row) for row in found.mappings()]


class PostgresOperatorKeys(OperatorKeys):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, key_id: str, digest: bytes) -> None:
        await self._connection.execute(insert(operator_keys).values(id=key_id, digest=digest))

    async def exists(self, digest: bytes) -> bool:
        found = await self._connection.execute(select(operator_keys.c.id).where(operator_keys.c.digest == digest))
        return found.first() is not None

    async def any(self) -> bool:
        found = await self._connection.execute(select(operator_keys.c.id).limit(1))
        return found.first() is not None


def tenant_of(row: RowMapping) -> Tenant:
    return Tenant(
        id=row["id"], slug=row["slug"], name=row["name"], base_url=row["base_url"], paused=row["paused"],
        created_at=row["created_at"],
    )  # fmt: skip


def account_of(row: RowMapping, vault: Vault) -> ServiceTradeAccount:
    """The tenant's account with its opened secret."""
    secret = vault.open(row["data_key"], row["id"], LOGIN_FIELD, row["login_secret"])
    login_of = PasswordLogin if row["login_kind"] == "password" else ClientLogin
    return ServiceTradeAccount(row["id"], row["base_url"], login_of(row["login_name"], secret))


def _login_parts(login: Login) -> tuple[str, str, Any]:
    match login:
        case PasswordLogin(username, password):
            return "password", username, password
        case ClientLogin(client_id, client_secret):
            return "client", client_id, client_secret
