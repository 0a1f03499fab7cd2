"""The header records, in memory."""

from __future__ import annotations

from adapters.outbound.memory.rows import Repository
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import WorkOrders


class MemoryWorkOrders(Repository, WorkOrders):
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = self._rows.work_orders.get((connection_id, job_id))
        return found if found and found.tenant_id == self._tenant_id else None

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows.work_orders[record.connection_id, record.job_id] = record
