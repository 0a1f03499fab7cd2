"""Export a tenant: all that Jobferry holds of it, without secrets, for the tenant itself or for another system."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from core.model.operations.audit import AuditEntry
from core.model.tenants.tenant import Tenant
from core.services.service import Service

FORMAT = "jobferry.tenant-export"
FORMAT_VERSION = 1
_log = structlog.get_logger()


class ExportTenant(Service):
    async def __call__(self, tenant: Tenant, *, by: str) -> AsyncGenerator[str, None]:
        """Lines of JSON, each with its line break: what this is, then one line for each row, then how many there are of
        each kind. Without the last line a file is not whole. All rows are of one moment, and few are in memory.
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant.id) as t:
            await t.audit.record(AuditEntry(now, by, "tenant.exported", tenant.id))
        _log.info("tenant.exported", tenant=tenant.slug, by=by)
        head = {"format": FORMAT, "version": FORMAT_VERSION, "tenant": tenant.slug, "exported_at": now.isoformat()}
        yield json.dumps(head, ensure_ascii=False) + "\n"
        counts: Counter[str] = Counter()
        async with aclosing(self._transactions.exported(tenant.id)) as rows:
            async for kind, row in rows:
                counts[kind] += 1
                yield f'{{"kind": "{kind}", "row": {row}}}\n'
        yield json.dumps({"end": True, "rows": counts}) + "\n"
