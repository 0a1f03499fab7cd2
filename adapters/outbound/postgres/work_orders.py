"""The header records of a tenant."""

from __future__ import annotations

from collections.abc import Sequence

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

    async def sent(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        ours = self._ours(work_orders, connection_id=connection_id), work_orders.c.job_id > (after or "")
        query = select(work_orders).where(*ours, work_orders.c.sent_at.is_not(None))
        rows = await self._rows(query.order_by(work_orders.c.job_id).limit(limit))
        return [record_of(row) for row in rows]

    async def save(self, record: WorkOrderRecord) -> None:
        await self._put(work_orders, record_values(record), key=("connection_id", "job_id"))
