"""The header ledger and the number claims, in memory."""

from __future__ import annotations

from core.model.work_order import WorkOrderRecord
from ports.work_orders import NumberClaims, WorkOrders


class MemoryWorkOrders(WorkOrders):
    def __init__(self, rows: dict[tuple[str, str], WorkOrderRecord], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = self._rows.get((connection_id, job_id))
        return found if found and found.tenant_id == self._tenant_id else None

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows[record.connection_id, record.job_id] = record


class MemoryNumberClaims(NumberClaims):
    def __init__(self, rows: dict[bytes, bytes]) -> None:
        self._rows = rows

    async def taken(self, key: bytes, owner: bytes) -> bool:
        return self._rows.get(key, owner) != owner

    async def claim(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        if adopt:
            self._rows[key] = owner
        return self._rows.setdefault(key, owner) == owner
