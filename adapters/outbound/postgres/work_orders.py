"""The header records of a tenant, and the claims on work order numbers across tenants."""

from __future__ import annotations

from sqlalchemy import func, select

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.sending import work_orders
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import WorkOrders


class PostgresWorkOrders(Repository, WorkOrders):
    """Claims are read and changed by database functions: their rows are not accessible."""

    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        query = select(work_orders).where(self._ours(work_orders, connection_id=connection_id, job_id=job_id))
        row = await self._row(query)
        return made(WorkOrderRecord, row) if row else None

    async def save(self, record: WorkOrderRecord) -> None:
        await self._put(work_orders, columns(record), key=("connection_id", "job_id"))

    async def number_taken(self, key: bytes, owner: bytes) -> bool:
        return bool(await self._value(select(func.number_taken(key, owner))))

    async def number_accepted(self, key: bytes, owner: bytes) -> bool:
        return bool(await self._value(select(func.number_accepted(key, owner))))

    async def claim_number(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        return bool(await self._value(select(func.claim_number(key, owner, adopt))))

    async def accept_number(self, key: bytes, owner: bytes) -> None:
        await self._run(select(func.accept_number(key, owner)))

    async def give_back_number(self, key: bytes, owner: bytes) -> None:
        await self._run(select(func.give_back_number(key, owner)))
