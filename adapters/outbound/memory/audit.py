"""The audit, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.outbound.memory.rows import Repository
from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from ports.storage.audit import Audit


class MemoryAudit(Repository, Audit):
    async def record(self, entry: AuditEntry) -> None:
        self._rows.audit.append((self._tenant_id, replace(entry, seq=len(self._rows.audit) + 1)))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        ours = [
            one for owner, one in self._rows.audit if owner == self._tenant_id and (before is None or one.seq < before)
        ]
        return [one for one in reversed(ours) if only.fits(one)][:limit]
