"""Start the search for the codes of a connection's records: a worker carries it out."""

from __future__ import annotations

from core.model.mappings.suggested_record import SuggestionSearch
from core.model.operations.audit import AuditEntry
from core.services.service import Service


class StartSearch(Service):
    async def __call__(self, tenant_id: str, slug: str, *, by: str = "operator") -> SuggestionSearch:
        """Read ServiceTrade's records again and compare those without a code with the listed codes. One that runs is
        returned as it is. What people decided stays.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            await t.aliases.take_turn(connection.id)  # there may be no search to lock yet
            last = await t.suggestions.search(connection.id, lock=True)
            if last and last.running:
                await t.suggestions.wake(connection.id)
                return last
            now = await t.now()
            new = SuggestionSearch(
                connection_id=connection.id,
                company_code=connection.company_code,
                external_system=connection.external_system,
                requested_by=by,
                started_at=now,
                round=last.round + 1 if last else 1,
                version=last.version if last else 0,
            )
            await t.suggestions.put_search(new)
            await t.suggestions.wake(connection.id)
            await t.audit.record(AuditEntry(now, by, "suggestions.searched", connection.id, {"connection": slug}))
            return new
