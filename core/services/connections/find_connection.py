"""Find connections: one, a page of them or all, with the warnings about their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.connections.same_company import company_key, same_company
from core.model.shared.finding import Finding
from core.services.service import Service
from ports.storage.transactions import TenantTransaction


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """`warnings` are by connection id, and stop no send; most connections have none. `next_after` is the `after` of the
    next page, None at the end."""

    connections: Sequence[Connection]
    warnings: Mapping[str, Sequence[Finding]]
    next_after: str | None


class FindConnection(Service):
    """Connections of a tenant, without their secrets, as people see them now."""

    async def __call__(self, tenant_id: str, slug: str) -> Connection:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return (await t.connections.by_slug(slug)).shown_at(self._clock.now())

    async def all(self, tenant_id: str) -> Sequence[Connection]:
        """All connections, in the order they were added."""
        async with self._transactions.begin(tenant_id) as t:
            return [one.shown_at(self._clock.now()) for one in await t.connections.all()]

    async def with_warnings(self, tenant_id: str, slug: str) -> tuple[Connection, Sequence[Finding]]:
        """A connection and the warnings about its settings. Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(slug)
            return found.shown_at(self._clock.now()), (await company_warnings(t, found)).get(found.id, ())

    async def page(self, tenant_id: str, *, limit: int = 50, after: str | None = None) -> ConnectionPage:
        """The connections that were added after the one with this id, or the first ones, oldest first."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.page(limit=limit + 1, after=after)
            page = found[:limit]
            warnings = await company_warnings(t, *page)
        now = self._clock.now()
        return ConnectionPage(
            [one.shown_at(now) for one in page], warnings, page[-1].id if len(found) > limit else None
        )

    async def warnings(self, connection: Connection) -> Sequence[Finding]:
        """The warnings about its settings. They stop no send; most connections have none."""
        async with self._transactions.begin(connection.tenant_id) as t:
            return (await company_warnings(t, connection)).get(connection.id, ())


async def company_warnings(t: TenantTransaction, *connections: Connection) -> Mapping[str, Sequence[Finding]]:
    """By connection id, warnings for those of the tenant's connections that lead to the same Spectrum company as
    another connection, of this or another tenant."""
    companies = {company_key(one) for one in connections}
    own = await t.connections.leading_to(companies)
    return same_company(connections, own, await t.connections.elsewhere(companies))
