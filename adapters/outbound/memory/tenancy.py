"""Tenants, and the record of who changed what, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import Rows, StoredTenant
from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from core.model.shared.errors import Conflict
from core.model.tenants.tenant import Login, Tenant, tenant_missing
from ports.storage.audit import Audit, OperatorAudit
from ports.storage.tenants import Tenants


class MemoryTenants(Tenants):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, tenant: Tenant, login: Login) -> None:
        if any(row.tenant.slug == tenant.slug for row in self._rows.tenants.values()):
            raise Conflict(f"A tenant {tenant.slug} already exists.", code="TENANT_EXISTS")
        self._rows.tenants[tenant.id] = StoredTenant(tenant, login)

    async def change(self, tenant: Tenant, login: Login | None) -> Tenant:
        stored = self._rows.tenants.get(tenant.id)
        if stored is None:
            raise tenant_missing(tenant.slug)
        old = stored.tenant
        changed = replace(
            tenant, paused=old.paused, signed_in_at=old.signed_in_at, first_steps_hidden=old.first_steps_hidden
        )
        self._rows.tenants[tenant.id] = StoredTenant(changed, login or stored.login)
        return changed

    async def set_paused(self, tenant: Tenant, paused: bool) -> Tenant:
        stored = self._rows.tenants.get(tenant.id)
        if stored is None:
            raise tenant_missing(tenant.slug)
        changed = replace(stored.tenant, paused=paused)
        self._rows.tenants[tenant.id] = replace(stored, tenant=changed)
        return changed

    async def set_signed_in(self, tenant_id: str, at: datetime | None) -> None:
        self._set(tenant_id, signed_in_at=at)

    async def set_first_steps_hidden(self, tenant_id: str, hidden: bool) -> None:
        self._set(tenant_id, first_steps_hidden=hidden)

    def _set(self, tenant_id: str, **values: Any) -> None:
        if stored := self._rows.tenants.get(tenant_id):
            self._rows.tenants[tenant_id] = replace(stored, tenant=replace(stored.tenant, **values))

    async def remove(self, tenant_id: str) -> None:
        self._rows.forget_tenant(tenant_id)
        del self._rows.tenants[tenant_id]

    async def by_slug(self, slug: str) -> Tenant:
        for row in self._rows.tenants.values():
            if row.tenant.slug == slug:
                return row.tenant
        raise tenant_missing(slug)

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Tenant]:
        later = sorted(tenant_id for tenant_id in self._rows.tenants if after is None or tenant_id > after)
        return [self._rows.tenants[tenant_id].tenant for tenant_id in later[:limit]]

    async def all(self) -> Sequence[Tenant]:
        return [row.tenant for row in self._rows.tenants.values()]


class MemoryAudit(Repository, Audit):
    async def record(self, entry: AuditEntry) -> None:
        stored = replace(
            entry, actor_name=_name(self._rows, self._tenant_id, entry.actor), seq=len(self._rows.audit) + 1
        )
        self._rows.audit.append((self._tenant_id, stored))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        ours = [
            one for owner, one in self._rows.audit if owner == self._tenant_id and (before is None or one.seq < before)
        ]
        return [one for one in reversed(ours) if only.fits(one)][:limit]


class MemoryOperatorAudit(OperatorAudit):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def record(self, entry: AuditEntry) -> None:
        before = self._rows.operator_audit
        seq = before[-1].seq + 1 if before else 1
        before.append(replace(entry, actor_name=_name(self._rows, None, entry.actor), seq=seq))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        earlier = [one for one in self._rows.operator_audit if before is None or one.seq < before]
        return [one for one in reversed(earlier) if only.fits(one)][:limit]

    async def forget(self, before: datetime, most: int) -> int:
        old = [one for one in self._rows.operator_audit[:most] if one.at < before]
        self._rows.operator_audit = [one for one in self._rows.operator_audit if one not in old]
        return len(old)


def _name(rows: Rows, tenant_id: str | None, actor: str) -> str:
    """The name of the tenant's person with this address, else of the operator's."""
    people = [person for person, _ in rows.people.people.values() if person.email == actor]
    names = {person.tenant_id: person.name for person in people}
    return names.get(tenant_id) or names.get(None) or ""
