"""Work orders: a tenant's header records. `SendChanges` claims their numbers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from core.model.work_orders.work_order import WorkOrderRecord


class WorkOrders(Protocol):
    @abstractmethod
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None: ...

    @abstractmethod
    async def sent(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        """The records of work orders that Spectrum accepted, by job; `after` is the last job of the page before."""
        ...

    @abstractmethod
    async def save(self, record: WorkOrderRecord) -> None:
        """Insert or replace the record of (connection, job)."""
        ...
