"""Readiness: which upcoming jobs would fail if sent now, because one of their records has no Spectrum code or a wrong
one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from core.model.connections.connection import Connection
from core.model.connections.connection_state import CodesMissing
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.readiness import Readiness, UpcomingJob, by_date, find_gaps
from core.model.sending.send_filter import SendFilter
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.mappings.external_ids import FoundId, found_by_sends, keep_copies
from core.services.service import Service

MOST_JOBS, MOST_RECORDS, MOST_SENDS = 1000, 300, 200
_READS_AT_ONCE = 4


class CheckReadiness(Service):
    async def __call__(self, tenant_id: str, slug: str) -> Readiness:
        """Check up to MOST_JOBS upcoming jobs and MOST_RECORDS of their records, those of the earliest jobs first.

        It takes seconds: one call for each record without an alias. Raises NotFound (CONNECTION_NOT_FOUND) and what
        the ServiceTrade port raises. The external ids that this and the newest MOST_SENDS sends have read are kept for
        the list of codes, and so is how many codes are missing.
        """
        async with self._transactions.begin(tenant_id) as t:
            connection, account = await t.connections.by_slug(slug), await t.account()
            sent = found_by_sends(
                await t.sends.page(SendFilter(connection_id=connection.id), limit=MOST_SENDS, plans=True)
            )
            await keep_copies(t, connection.id, sent, now=self._clock.now(), ids=self._ids)
        jobs: list[UpcomingJob] = []
        partial = False
        async for job in self._service_trade.upcoming_jobs(account):
            if partial := len(jobs) == MOST_JOBS:
                break
            jobs.append(job)
        keys = list(dict.fromkeys(key for job in by_date(jobs) for key in job.records))
        async with self._transactions.begin(tenant_id) as t:
            mapped = {alias.key: alias.code for alias in await t.aliases.of(connection.id, keys)} if keys else {}
        open_keys = [key for key in keys if key not in mapped]
        now = self._clock.now()
        codes = await self._codes(account, open_keys[:MOST_RECORDS], connection.external_system)
        names = {key: record.name for job in jobs for key, record in job.records.items()}
        found = {key: FoundId(names[key], code or "", now) for key, code in codes.items()}
        missing = {key: code for key, code in codes.items() if not (code or "").strip()}
        refused = await self._refused(connection, {**mapped, **{key: code or "" for key, code in codes.items()}})
        ready = find_gaps(jobs, missing, refused=refused, partial=partial or len(open_keys) > MOST_RECORDS)
        needed = sum(kind is not AliasKind.CONTRACT for kind, _ in keys)
        lacking = sum(bool(gap.cause) and gap.kind is not AliasKind.CONTRACT for gap in ready.gaps)
        counted = CodesMissing(now, lacking, needed)
        async with self._transactions.begin(tenant_id) as t:
            await t.connections.set_codes_missing(connection.id, counted)  # raises if it was removed meanwhile
            await keep_copies(t, connection.id, found, now=self._clock.now(), ids=self._ids)
        return ready

    async def _refused(self, connection: Connection, codes: Mapping[AliasKey, str]) -> Mapping[AliasKey, str]:
        """Those of the codes that Spectrum surely refuses, as its stored lists show."""
        asked = {key: (key[0], code.strip()) for key, code in codes.items() if code.strip()}
        if not asked:
            return {}
        listed = await self._transactions.listed(connection.tenant_id, connection.id, set(asked.values()))
        listed, now = listed.heeded(strictly=connection.unlisted_codes_stop), self._clock.now()
        return {key: code[1] for key, code in asked.items() if listed.surely_refused(code, now)}

    async def _codes(
        self, account: ServiceTradeAccount, keys: Sequence[AliasKey], system: str
    ) -> Mapping[AliasKey, str | None]:
        """The external id of each record, None for none. A failed read stops all reads."""
        reads = asyncio.Semaphore(_READS_AT_ONCE)

        async def read(key: AliasKey) -> str | None:
            async with reads:
                return await self._service_trade.read_code(account, *key, system)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {key: group.create_task(read(key)) for key in keys}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return {key: task.result() for key, task in tasks.items()}
