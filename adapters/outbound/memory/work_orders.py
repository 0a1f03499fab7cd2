"""The header records, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.outbound.memory.repository import Repository
from core.model.work_orders.annotation import AnnotationKind, AnnotationState, kind_of
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import UnclearPosition, WorkOrders


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

    async def annotated(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        of_connection = (one for one in self._ours() if one.connection_id == connection_id and one.annotations)
        later = [one for one in of_connection if one.job_id > (after or "")]
        return sorted(later, key=lambda one: one.job_id)[:limit]

    async def unclear(
        self,
        *,
        connection_id: str | None = None,
        job_id: str | None = None,
        limit: int | None = 100,
        after: UnclearPosition | None = None,
    ) -> Sequence[tuple[WorkOrderRecord, str]]:
        found = [
            (UnclearPosition.of(record, key, written), record)
            for record in self._ours()
            if connection_id in (None, record.connection_id) and job_id in (None, record.job_id)
            for key, written in record.annotations.items()
            if written.state is AnnotationState.UNCLEAR
        ]
        found.sort(key=lambda one: one[0])
        return [(record, at.key) for at, record in found if after is None or at > after][:limit]

    async def adds_none(self, connection_id: str, kind: AnnotationKind) -> bool:
        found = await self.unclear(connection_id=connection_id, limit=None)
        return any(kind_of(key) is kind and record.annotations[key].blocked for record, key in found)

    def _ours(self) -> Iterator[WorkOrderRecord]:
        return (one for one in self._rows.work_orders.values() if one.tenant_id == self._tenant_id)

    async def save(self, record: WorkOrderRecord) -> None:
        self._rows.work_orders[record.connection_id, record.job_id] = record
