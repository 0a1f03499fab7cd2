"""The header ledger and the number claims, in memory."""

from __future__ import annotations

from adapters.outbound.memory.rows import Repository, StoredClaim
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import NumberClaims, WorkOrders


class MemoryWorkOrders(Repository, WorkOrders):
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = self._rows.work_orders.get((connection_id, job_id))
        return found if found and found.tenant_id == self._tenant_id else None

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows.work_orders[record.connection_id, record.job_id] = record


class MemoryNumberClaims(NumberClaims):
    def __init__(self, rows: dict[bytes, StoredClaim]) -> None:
        self._rows = rows

    async def taken(self, key: bytes, owner: bytes) -> bool:
        found = self._rows.get(key)
        return found is not None and found.owner != owner

    async def accepted(self, key: bytes, owner: bytes) -> bool:
        found = self._rows.get(key)
        return found is not None and found.owner == owner and found.accepted

    async def claim(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        found = self._rows.get(key)
        if found is None:
            self._rows[key] = StoredClaim(owner)
        elif found.owner != owner and adopt:
            former = found.owner if found.accepted else found.former
            self._rows[key] = StoredClaim(owner, former=former)
        return self._rows[key].owner == owner

    async def accept(self, key: bytes, owner: bytes) -> None:
        if self._rows.get(key, StoredClaim(owner)).owner == owner:
            self._rows[key] = StoredClaim(owner, accepted=True)

    async def give_back(self, key: bytes, owner: bytes) -> None:
        found = self._rows.get(key)
        if found is None or found.owner != owner or found.accepted:
            return
        if found.former:
            self._rows[key] = StoredClaim(found.former, accepted=True)
        else:
            del self._rows[key]
