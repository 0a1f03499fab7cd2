"""The audit, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter
from ports.storage.audit import Audit


class MemoryAudit(Audit):
    def __init__(self, rows: list[tuple[str, AuditEntry]], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def record(self, entry: AuditEntry) -> None:
        self._rows.append((self._tenant_id, replace(entry, seq=len(self._rows) + 1)))

    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        ours = [one for owner, one in self._rows if owner == self._tenant_id and (before is None or one.seq < before)]
        return [one for one in reversed(ours) if only.fits(one)][:limit]
