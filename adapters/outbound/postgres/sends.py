"""The journal of sends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.records import made, send_of, send_values
from adapters.outbound.postgres.repository import newest
from adapters.outbound.postgres.send_search import SendSearch
from adapters.outbound.postgres.tables.sending import attempts, batch_sends, idempotency_keys, send_plans, sends
from core.model.sending.send import Attempt, Send, SendState
from core.model.sending.send_filter import ALL_SENDS, SendFilter, search_key
from core.model.shared.errors import NotFound
from ports.storage.send_requests import BoundKey
from ports.storage.sends import Sends

_WITH_PLAN = select(sends, send_plans.c.plan).outerjoin(send_plans, send_plans.c.id == sends.c.plan_id)
_OPEN = tuple(state.value for state in SendState if not state.settled)


class PostgresSends(SendSearch, Sends):
    async def add(self, send: Send) -> Send:
        stored = replace(send, version=1)
        seq = await self._value(insert(sends).values(send_values(stored)).returning(sends.c.seq))
        if stored.batch_id:
            await self.join_batch(stored.batch_id, stored.id)
        return replace(stored, seq=seq)

    async def get(self, send_id: str) -> Send:
        return send_of(await self._row_or(_missing(send_id), _WITH_PLAN.where(self._ours(sends, id=send_id))))

    async def some(self, send_ids: Collection[str]) -> Sequence[Send]:
        query = _WITH_PLAN.where(self._ours(sends), sends.c.id.in_(send_ids))
        return [send_of(row) for row in await self._rows(query)] if send_ids else []

    async def watch(self, send_id: str, seconds: float) -> None:
        until = func.greatest(sends.c.watched_until, func.now() + timedelta(seconds=seconds))
        # The row's lock waits for who is changing the send: its trigger may have run before anybody watched.
        watched = update(sends).where(self._ours(sends, id=send_id)).values(watched_until=until)
        await self._run_or(_missing(send_id), watched)

    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        of_job = self._ours(sends, connection_id=connection_id, job_id=job_id)
        query = _WITH_PLAN.where(of_job, sends.c.state.in_([state.value for state in states]))
        found = await self._rows(query.order_by(sends.c.seq).with_for_update(of=sends))
        return [send_of(row) for row in found]

    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        return await self._run(
            update(sends)
            .where(self._ours(sends, waits_for=send_id))
            .values(waits_for=None, due_at=now, version=sends.c.version + 1)
        )

    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        held = self._ours(sends, connection_id=connection_id, state=SendState.RETRYING.value, due_at=held_until)
        await self._run(update(sends).where(held).values(due_at=now, version=sends.c.version + 1))

    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        late = self._ours(sends, connection_id=connection_id)
        waits = sends.c.state.in_((SendState.QUEUED.value, SendState.RETRYING.value))
        change = update(sends).where(late, sends.c.due_at > beyond, waits)
        return await self._run(change.values(due_at=now, version=sends.c.version + 1))

    async def page(
        self,
        only: SendFilter = ALL_SENDS,
        *,
        limit: int = 50,
        before: int | None = None,
        plans: bool = False,
    ) -> Sequence[Send]:
        ids = (await self._search(only, limit, before)).subquery()
        wanted = _WITH_PLAN if plans else select(sends, null().label("plan"))
        query = wanted.join(ids, ids.c.id == sends.c.id).where(self._ours(sends, id=ids.c.id))
        return [send_of(row) for row in await self._rows(query.order_by(sends.c.seq.desc()))]

    async def count(self, only: SendFilter, most: int) -> int:
        ids = (await self._search(only, most, None)).subquery()
        return int(await self._value(select(func.count()).select_from(ids)))

    async def customers(self, part: str, limit: int) -> Sequence[str]:
        found = []
        for key in await self._customer_keys(search_key(part), limit):
            of_customer = self._ours(sends, customer_key=key)
            found.append(
                await self._value(select(sends.c.customer).where(of_customer, sends.c.customer_key != "").limit(1))
            )
        return found

    async def causes(self) -> Collection[str]:
        found = self._combinations(sends.c.state, sends.c.cause, among=sends.c.cause.is_not(None))
        return set(await self._connection.scalars(select(found.c.cause).where(found.c.cause != "").distinct()))

    async def join_batch(self, batch_id: str, send_id: str) -> None:
        member = {"tenant_id": self._tenant_id, "batch_id": batch_id, "send_id": send_id}
        await self._run(insert(batch_sends).values(member).on_conflict_do_nothing())

    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        return await self._counts(sends.c.id.in_(self._in_batch(batch_id)))

    async def _counts(self, condition: ColumnElement[bool]) -> Mapping[SendState, int]:
        query = select(sends.c.state, func.count()).where(self._ours(sends), condition).group_by(sends.c.state)
        return {SendState(state): count for state, count in await self._connection.execute(query)}

    async def attempts(
        self, send_id: str, *, line_id: str | None = None, limit: int = 50, before: int | None = None
    ) -> Sequence[Attempt]:
        query = select(attempts).where(self._ours(attempts, send_id=send_id))
        if line_id is not None:
            query = query.where(attempts.c.line_id == line_id)
        return [made(Attempt, row) for row in await self._rows(newest(query, attempts.c.seq, limit, before))]

    async def find_key(self, key: str) -> BoundKey | None:
        row = await self._row(select(idempotency_keys).where(self._ours(idempotency_keys, key=key)))
        return BoundKey(key, row["body_hash"], row["send_id"]) if row else None

    async def bind_key(self, key: BoundKey) -> BoundKey:
        # A second request with the key waits for the end of the first transaction, then finds its row.
        await self._run(
            insert(idempotency_keys)
            .values(tenant_id=self._tenant_id, key=key.key, body_hash=key.body_hash, send_id=key.bound_to)
            .on_conflict_do_nothing()
        )
        first = await self.find_key(key.key)
        if first is None:
            raise RuntimeError("an Idempotency-Key that was just stored cannot be read")
        return first


def _missing(send_id: str) -> NotFound:
    return NotFound(f"There is no send {send_id}.", code="SEND_NOT_FOUND", fix="Look for it in the list of sends.")
