"""The header ledger of a tenant, and the claims on work order numbers across tenants."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import work_order_of, work_order_values
from adapters.outbound.postgres.tables import work_orders
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import NumberClaims, WorkOrders


class PostgresWorkOrders(WorkOrders):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = await self._connection.execute(
            select(work_orders).where(
                work_orders.c.tenant_id == self._tenant_id,
                work_orders.c.connection_id == connection_id,
                work_orders.c.job_id == job_id,
            )
        )
        row = found.mappings().first()
        return work_order_of(row) if row else None

    async def save(self, record: WorkOrderRecord) -> None:
        keys = ("tenant_id", "connection_id", "job_id")
        values = work_order_values(record)
        await self._connection.execute(
            insert(work_orders)
            .values(values)
            .on_conflict_do_update(
                index_elements=("connection_id", "job_id"),
                set_={name: value for name, value in values.items() if name not in keys},
            )
        )


class PostgresNumberClaims(NumberClaims):
    """Uses database functions: the rows are not accessible."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def taken(self, key: bytes, owner: bytes) -> bool:
        answer = await self._connection.execute(select(func.number_taken(key, owner)))
        return bool(answer.scalar_one())

    async def claim(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        answer = await self._connection.execute(select(func.claim_number(key, owner, adopt)))
        return bool(answer.scalar_one())

    async def accepted(self, key: bytes, owner: bytes) -> bool:
        answer = await self._connection.execute(select(func.number_accepted(key, owner)))
        return bool(answer.scalar_one())

    async def accept(self, key: bytes, owner: bytes) -> None:
        await self._connection.execute(select(func.accept_number(key, owner)))

    async def give_back(self, key: bytes, owner: bytes) -> None:
        await self._connection.execute(select(func.give_back_number(key, owner)))
