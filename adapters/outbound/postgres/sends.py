"""The journal of sends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.records import attempt_of, attempt_values, plan_values, send_of, send_values
from adapters.outbound.postgres.tables import attempts, batch_sends, idempotency_keys, send_plans, sends
from core.model.planning.plan import SendPlan
from core.model.sending.send import Attempt, Send, SendState, Step
from core.model.shared.errors import NotFound, SendChanged
from ports.storage.sends import Sends

_WITH_PLAN = select(sends, send_plans.c.plan).outerjoin(send_plans, send_plans.c.id == sends.c.plan_id)
_OPEN = tuple(state.value for state in SendState if not state.settled)


class PostgresSends(Sends):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, send: Send) -> Send:
        stored = replace(send, version=1)
        row = await self._connection.execute(insert(sends).values(send_values(stored)).returning(sends.c.seq))
        seq = row.scalar_one()
        if stored.batch_id:
            await self.join_batch(stored.batch_id, stored.id)
        return replace(stored, seq=seq)

    async def get(self, send_id: str) -> Send:
        found = await self._connection.execute(_WITH_PLAN.where(self._mine(), sends.c.id == send_id))
        row = found.mappings().first()
        if row is None:
            raise NotFound(f"There is no send {send_id}.", code="SEND_NOT_FOUND", fix="List them: jobferry sends list.")
        return send_of(row)

    async def save(self, send: Send) -> Send:
        stored = replace(send, version=send.version + 1)
        done = await self._connection.execute(
            update(sends)
            .where(self._mine(), sends.c.id == send.id, sends.c.version == send.version)
            .values(send_values(stored))
        )
        if done.rowcount == 0:
            raise SendChanged(f"The send {send.id} was changed meanwhile.", fix="Look at it again.")
        return stored

    async def next_due(
        self, connection_id: str, now: datetime, *, steps: Collection[Step] = tuple(Step)
    ) -> Send | None:
        found = await self._connection.execute(
            _WITH_PLAN.where(self._to_do(connection_id, steps), sends.c.due_at <= now).order_by(sends.c.seq).limit(1)
        )
        row = found.mappings().first()
        return send_of(row) if row else None

    async def earliest_due(self, connection_id: str, *, steps: Collection[Step] = tuple(Step)) -> datetime | None:
        found = await self._connection.execute(
            select(func.min(sends.c.due_at)).where(self._to_do(connection_id, steps))
        )
        earliest: datetime | None = found.scalar_one()
        return earliest

    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        found = await self._connection.execute(
            _WITH_PLAN.where(
                self._mine(),
                sends.c.connection_id == connection_id,
                sends.c.job_id == job_id,
                sends.c.state.in_([state.value for state in states]),
            )
            .order_by(sends.c.seq)
            .with_for_update(of=sends)
        )
        return [send_of(row) for row in found.mappings()]

    async def store_plan(self, send_id: str, plan_id: str, plan: SendPlan) -> None:
        values = {"id": plan_id, "tenant_id": self._tenant_id, "send_id": send_id, "lines": len(plan.lines)}
        await self._connection.execute(insert(send_plans).values(values | {"plan": plan_values(plan)}))

    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        done = await self._connection.execute(
            update(sends)
            .where(self._mine(), sends.c.waits_for == send_id)
            .values(waits_for=None, due_at=now, version=sends.c.version + 1)
        )
        return done.rowcount

    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        await self._connection.execute(
            update(sends)
            .where(
                self._mine(),
                sends.c.connection_id == connection_id,
                sends.c.state == SendState.RETRYING.value,
                sends.c.due_at == held_until,
            )
            .values(due_at=now, version=sends.c.version + 1)
        )

    async def page(
        self,
        *,
        states: Collection[SendState] = (),
        connection_id: str | None = None,
        job_id: str | None = None,
        batch_id: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> Sequence[Send]:
        query = _WITH_PLAN.where(self._mine()).order_by(sends.c.seq.desc()).limit(limit)
        if states:
            query = query.where(sends.c.state.in_([state.value for state in states]))
        if connection_id is not None:
            query = query.where(sends.c.connection_id == connection_id)
        if job_id is not None:
            query = query.where(sends.c.job_id == job_id)
        if batch_id is not None:
            query = query.where(sends.c.id.in_(self._in_batch(batch_id)))
        if before is not None:
            query = query.where(sends.c.seq < before)
        found = await self._connection.execute(query)
        return [send_of(row) for row in found.mappings()]

    async def join_batch(self, batch_id: str, send_id: str) -> None:
        member = {"tenant_id": self._tenant_id, "batch_id": batch_id, "send_id": send_id}
        await self._connection.execute(insert(batch_sends).values(member).on_conflict_do_nothing())

    def _in_batch(self, batch_id: str) -> Select[tuple[str]]:
        return select(batch_sends.c.send_id).where(
            batch_sends.c.tenant_id == self._tenant_id, batch_sends.c.batch_id == batch_id
        )

    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        found = await self._connection.execute(
            select(sends.c.state, func.count())
            .where(self._mine(), sends.c.id.in_(self._in_batch(batch_id)))
            .group_by(sends.c.state)
        )
        return {SendState(state): count for state, count in found}

    async def count_since(self, at: datetime) -> Mapping[SendState, int]:
        found = await self._connection.execute(
            select(sends.c.state, func.count()).where(self._mine(), sends.c.requested_at >= at).group_by(sends.c.state)
        )
        return {SendState(state): count for state, count in found}

    async def record_attempt(self, attempt: Attempt) -> None:
        values = attempt_values(attempt) | {"tenant_id": self._tenant_id}
        await self._connection.execute(insert(attempts).values(values))

    async def attempts(self, send_id: str) -> Sequence[Attempt]:
        found = await self._connection.execute(
            select(attempts)
            .where(attempts.c.tenant_id == self._tenant_id, attempts.c.send_id == send_id)
            .order_by(attempts.c.seq)
        )
        return [attempt_of(row) for row in found.mappings()]

    async def find_key(self, key: str) -> tuple[str, str] | None:
        found = await self._connection.execute(
            select(idempotency_keys.c.send_id, idempotency_keys.c.body_hash).where(
                idempotency_keys.c.tenant_id == self._tenant_id, idempotency_keys.c.key == key
            )
        )
        row = found.first()
        return (row.send_id, row.body_hash) if row else None

    async def remember_key(self, key: str, body_hash: str, send_id: str) -> tuple[str, str]:
        """Store the key. A second request with it waits for the end of the first transaction, then finds its row."""
        await self._connection.execute(
            insert(idempotency_keys)
            .values(tenant_id=self._tenant_id, key=key, body_hash=body_hash, send_id=send_id)
            .on_conflict_do_nothing()
        )
        first = await self.find_key(key)
        if first is None:
            raise RuntimeError("an Idempotency-Key that was just stored cannot be read")
        return first

    def _to_do(self, connection_id: str, steps: Collection[Step]) -> ColumnElement[bool]:
        """The send has work left, and no earlier send of the same job is unfinished."""
        earlier = sends.alias("earlier")
        blocked = exists().where(
            earlier.c.tenant_id == sends.c.tenant_id,
            earlier.c.connection_id == sends.c.connection_id,
            earlier.c.job_id == sends.c.job_id,
            earlier.c.seq < sends.c.seq,
            earlier.c.state.in_(_OPEN),
            earlier.c.waits_for.is_(None),
        )
        return and_(
            self._mine(),
            sends.c.connection_id == connection_id,
            sends.c.due_at.is_not(None),
            sends.c.step.in_([step.value for step in steps]),
            ~blocked,
        )

    def _mine(self) -> ColumnElement[bool]:
        return sends.c.tenant_id == self._tenant_id
