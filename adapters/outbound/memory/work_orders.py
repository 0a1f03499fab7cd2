"""The header records, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.outbound.memory.repository import Repository
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import WorkOrders


class MemoryWorkOrders(Repository, WorkOrders):
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = self._rows.work_orders.get((connection_id, job_id))
        return found if found and found.tenant_id == self._tenant_id else None

    async def sent(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        ours = (one for one in self._rows.work_orders.values() if one.tenant_id == self._tenant_id and one.sent_at)
        later = [one for one in ours if one.connection_id == connection_id and one.job_id > (after or "")]
        return sorted(later, key=lambda one: one.job_id)[:limit]

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows.work_orders[record.connection_id, record.job_id] = record
