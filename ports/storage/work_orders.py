"""Work orders: a tenant's header records. `SendChanges` claims their numbers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, Self

from core.model.work_orders.annotation import AnnotationKind, WrittenAnnotation
from core.model.work_orders.work_order import WorkOrderRecord

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class UnclearPosition:
    """Where a page of what is unclear ends: the oldest come first."""

    at: datetime
    connection_id: str
    job_id: str
    key: str

    @classmethod
    def of(cls, record: WorkOrderRecord, key: str, written: WrittenAnnotation) -> Self:
        return cls(written.begun_at or _LONG_AGO, record.connection_id, record.job_id, key)


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
    async def annotated(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        """The records with a note, a marker or documents, by job; `after` is the last job of the page before."""
        ...

    @abstractmethod
    async def unclear(
        self,
        *,
        connection_id: str | None = None,
        job_id: str | None = None,
        limit: int | None = 100,
        after: UnclearPosition | None = None,
    ) -> Sequence[tuple[WorkOrderRecord, str]]:
        """Each note and document that is or is not in Spectrum, the oldest first, by its record and its key there.
        Without `limit`, all of them."""
        ...

    @abstractmethod
    async def adds_none(self, connection_id: str, kind: AnnotationKind) -> bool:
        """Whether one of this kind on the connection is unclear and `blocked`: until a person settles it, others are
        not tried."""
        ...

    @abstractmethod
    async def save(self, record: WorkOrderRecord) -> None:
        """Insert or replace the record of (connection, job)."""
        ...
