"""The header records of a tenant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, cast, column, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.records import record_of, record_values
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.definitions import MOMENT
from adapters.outbound.postgres.tables.sending import work_orders
from core.model.work_orders.annotation import AnnotationKind, AnnotationState
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.work_orders import UnclearPosition, WorkOrders

_EACH = (
    func.jsonb_each(work_orders.c.annotations)
    .table_valued(column("key", Text), column("value", JSONB), name="annotation")
    .render_derived()
    .lateral()
)
_BEGUN = cast(func.coalesce(_EACH.c.value["begun_at"].astext, "2000-01-01T00:00:00Z"), MOMENT)


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

    async def annotated(
        self, connection_id: str, *, limit: int = 1000, after: str | None = None
    ) -> Sequence[WorkOrderRecord]:
        ours = self._ours(work_orders, connection_id=connection_id), work_orders.c.job_id > (after or "")
        query = select(work_orders).where(*ours, work_orders.c.annotations.is_not(None))
        rows = await self._rows(query.order_by(work_orders.c.job_id).limit(limit))
        return [record_of(row) for row in rows]

    async def unclear(
        self,
        *,
        connection_id: str | None = None,
        job_id: str | None = None,
        limit: int | None = 100,
        after: UnclearPosition | None = None,
    ) -> Sequence[tuple[WorkOrderRecord, str]]:
        order = (_BEGUN, work_orders.c.connection_id, work_orders.c.job_id, _EACH.c.key.collate("C"))
        query = select(work_orders, _EACH.c.key).join_from(work_orders, _EACH, true()).where(*self._unclear())
        if connection_id is not None:
            query = query.where(work_orders.c.connection_id == connection_id)
        if job_id is not None:
            query = query.where(work_orders.c.job_id == job_id)
        if after is not None:
            query = query.where(tuple_(*order) > (after.at, after.connection_id, after.job_id, after.key))
        rows = await self._rows(query.order_by(*order).limit(limit))
        return [(record_of(row), row["key"]) for row in rows]

    async def adds_none(self, connection_id: str, kind: AnnotationKind) -> bool:
        found = select(_EACH.c.key).join_from(work_orders, _EACH, true())
        found = found.where(*self._unclear(), work_orders.c.connection_id == connection_id)
        blocked = _EACH.c.value["blocked"].as_boolean(), _EACH.c.key.startswith(f"{kind.value}:")
        return bool(await self._value(select(found.where(*blocked).exists())))

    def _unclear(self) -> tuple[ColumnElement[bool], ...]:
        state = _EACH.c.value["state"].astext == AnnotationState.UNCLEAR.value
        return self._ours(work_orders), work_orders.c.unclear, state

    async def save(self, record: WorkOrderRecord) -> None:
        await self._put(work_orders, record_values(record), key=("connection_id", "job_id"))
