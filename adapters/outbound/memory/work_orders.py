"""The header records and the claims on numbers, in memory."""

from __future__ import annotations

from adapters.outbound.memory.rows import Repository, StoredClaim
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import WorkOrders


class MemoryWorkOrders(Repository, WorkOrders):
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None:
        found = self._rows.work_orders.get((connection_id, job_id))
        return found if found and found.tenant_id == self._tenant_id else None

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows.work_orders[record.connection_id, record.job_id] = record

    async def number_taken(self, key: bytes, owner: bytes) -> bool:
        found = self._rows.claims.get(key)
        return found is not None and found.owner != owner

    async def number_accepted(self, key: bytes, owner: bytes) -> bool:
        found = self._rows.claims.get(key)
        return found is not None and found.owner == owner and found.accepted

    async def claim_number(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        found = self._rows.claims.get(key)
        if found is None:
            self._rows.claims[key] = StoredClaim(owner)
        elif found.owner != owner and adopt:
            former = found.owner if found.accepted else found.former
            self._rows.claims[key] = StoredClaim(owner, former=former)
        return self._rows.claims[key].owner == owner

    async def accept_number(self, key: bytes, owner: bytes) -> None:
        if self._rows.claims.get(key, StoredClaim(owner)).owner == owner:
            self._rows.claims[key] = StoredClaim(owner, accepted=True)

    async def give_back_number(self, key: bytes, owner: bytes) -> None:
        found = self._rows.claims.get(key)
        if found is None or found.owner != owner or found.accepted:
            return
        if found.former:
            self._rows.claims[key] = StoredClaim(found.former, accepted=True)
        else:
            del self._rows.claims[key]
