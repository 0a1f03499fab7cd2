"""The header records of a tenant."""

from __future__ import annotations

from sqlalchemy import select

from adapters.outbound.postgres.records import record_of, record_values
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.sending import work_orders
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import WorkOrders


class PostgresWorkOrders(Repository, WorkOrders):
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        query = select(work_orders).where(self._ours(work_orders, connection_id=connection_id, job_id=job_id))
        row = await self._row(query)
        return record_of(row) if row else None

    async def save(self, record: WorkOrderRecord) -> None:
        await self._put(work_orders, record_values(record), key=("connection_id", "job_id"))
