"""Write the Spectrum code of a record to ServiceTrade."""

from __future__ import annotations

import structlog

from core.model.mappings.alias import AliasEntry
from core.model.operations.audit import AuditEntry
from core.services.mappings.aliases import Aliases, set_detail
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.mappings.external_ids import FoundId, keep_copies
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


class SetCode(Service):
    """Set the Spectrum code of a customer, site, contract or library item as its external id in ServiceTrade."""

    def __init__(self, d: Dependencies, aliases: Aliases) -> None:
        super().__init__(d)
        self._aliases = aliases

    async def __call__(
        self,
        tenant_id: str,
        slug: str,
        entry: AliasEntry,
        *,
        by: str,
        known: str | None = None,
        listed: bool = False,
    ) -> None:
        """`entry` names the record and its code. ServiceTrade refuses a code of another record; set an alias then.

        The former code goes into the audit. `known` is the External ID that the person saw, '' for none. ServiceTrade
        cannot check it, so a change in the moment between reading and writing is not noticed. `listed`: Spectrum surely
        has the code, so no list is asked.

        Raises NotFound (CONNECTION_NOT_FOUND), BadInput (CODE_UNKNOWN), CodeSetMeanwhile if ServiceTrade has another
        one than `known`, TenantMends (MAP_DUPLICATE_EXTERNAL_ID), and what the port raises.
        """
        async with self._transactions.begin(tenant_id) as t:
            connection, account = await t.connections.by_slug(slug), await t.account()
        if not listed:
            await self._aliases.check(connection, [entry])
        system = connection.external_system
        former = await self._service_trade.read_code(account, *entry.key, system)
        read = FoundId(entry.name, former or "", self._clock.now())
        if known is not None and read.code.strip() not in (known, entry.code):
            async with self._transactions.begin(tenant_id) as t:
                await keep_copies(t, connection.id, {entry.key: read}, now=read.at, ids=self._ids)
            raise CodeSetMeanwhile(f"the External ID in ServiceTrade is {read.code.strip() or 'empty'} now")
        await self._service_trade.write_code(account, *entry.key, system, entry.code)
        detail = set_detail(slug, entry, former)
        now = self._clock.now()
        written = FoundId(entry.name, entry.code, now)
        async with self._transactions.begin(tenant_id) as t:
            await keep_copies(t, connection.id, {entry.key: read}, now=now, ids=self._ids)
            await keep_copies(t, connection.id, {entry.key: written}, now=now, ids=self._ids, by=by)
            await t.audit.record(AuditEntry(now, by, "code.set", entry.servicetrade_id, detail))
        _log.info("code.set", tenant=tenant_id, connection=slug, kind=entry.kind.value, by=by)
