"""Deletes old rows of a tenant, the oldest first. Rows that another transaction has locked wait for the next call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, Table, and_, delete, exists, func, select, update

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.creating import creations
from adapters.outbound.postgres.tables.notifying import notification_messages, recipients
from adapters.outbound.postgres.tables.reconciling import reconciled_jobs, reconciliations
from adapters.outbound.postgres.tables.sending import (
    attempts,
    cost_lines,
    idempotency_keys,
    send_plans,
    sends,
    warnings,
    work_orders,
)
from adapters.outbound.postgres.tables.setup import completions
from adapters.outbound.postgres.tables.webhooks import webhook_deliveries, webhook_endpoints
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import LineState
from ports.storage.operations.retention import Retention

_FINISHED = tuple(state.value for state in SendState if state.finished)
_UNCLEAR = tuple(state.value for state in LineState if state.unclear)


class PostgresRetention(Repository, Retention):
    _tenant_id: str

    async def forget_keys(self, before: datetime, most: int) -> int:
        stored_at = idempotency_keys.c.created_at
        oldest = select(idempotency_keys.c.key).where(self._ours(idempotency_keys), stored_at < before)
        old = _batch(idempotency_keys, oldest.order_by(stored_at), most)
        return await self._run(delete(idempotency_keys).where(self._ours(idempotency_keys, key=old.c.key)))

    async def forget_attempts(self, before: datetime, most: int) -> int:
        oldest = (
            select(attempts.c.send_id, attempts.c.seq)
            .join(sends, sends.c.id == attempts.c.send_id)
            .where(self._ours(attempts), attempts.c.started_at < before, self._ended(before))
        )
        old = _batch(attempts, oldest.order_by(attempts.c.started_at), most)
        this = and_(attempts.c.send_id == old.c.send_id, attempts.c.seq == old.c.seq)
        return await self._run(delete(attempts).where(this))

    async def forget_sends(self, before: datetime, most: int) -> int:
        """Each send is retired once. If its row has to stay then, the retirement of a later send deletes it."""
        oldest = select(sends.c.id).where(self._ended(before), ~sends.c.retired)
        old = _batch(sends, oldest.order_by(sends.c.finished_at), most)
        retire = update(sends).where(sends.c.id == old.c.id).values(retired=True).returning(sends.c.id)
        retired = (await self._connection.execute(retire)).scalars().all()
        if retired:
            await self._run(delete(send_plans).where(send_plans.c.send_id.in_(retired)))
            await self._run(delete(attempts).where(attempts.c.send_id.in_(retired)))
            await self._delete_rows(retired, before)
        return len(retired)

    async def forget_deliveries(self, before: datetime, most: int) -> int:
        oldest = (
            select(webhook_deliveries.c.endpoint_id, webhook_deliveries.c.seq)
            .join(webhook_endpoints, webhook_endpoints.c.id == webhook_deliveries.c.endpoint_id)
            .where(self._ours(webhook_endpoints), webhook_deliveries.c.created_at < before)
        )
        old = _batch(webhook_deliveries, oldest, most)
        this = and_(webhook_deliveries.c.endpoint_id == old.c.endpoint_id, webhook_deliveries.c.seq == old.c.seq)
        return await self._run(delete(webhook_deliveries).where(this))

    async def forget_messages(self, before: datetime, most: int) -> int:
        oldest = (
            select(notification_messages.c.recipient_id, notification_messages.c.seq)
            .join(recipients, recipients.c.id == notification_messages.c.recipient_id)
            .where(self._ours(recipients), notification_messages.c.created_at < before)
        )
        old = _batch(notification_messages, oldest, most)
        this = and_(
            notification_messages.c.recipient_id == old.c.recipient_id, notification_messages.c.seq == old.c.seq
        )
        return await self._run(delete(notification_messages).where(this))

    async def forget_reconciliations(self, before: datetime, most: int) -> int:
        was_old = self._ours(reconciliations), reconciliations.c.created_at < before
        jobs = (
            select(reconciled_jobs.c.run_id, reconciled_jobs.c.job_id)
            .join(reconciliations, reconciliations.c.id == reconciled_jobs.c.run_id)
            .where(*was_old)
        )
        old = _batch(reconciled_jobs, jobs, most)
        this = and_(reconciled_jobs.c.run_id == old.c.run_id, reconciled_jobs.c.job_id == old.c.job_id)
        if deleted := await self._run(delete(reconciled_jobs).where(this)):
            return deleted
        oldest = select(reconciliations.c.id).where(*was_old).order_by(reconciliations.c.created_at)
        runs = _batch(reconciliations, oldest, most)
        gone = await self._connection.execute(
            delete(reconciliations).where(reconciliations.c.id == runs.c.id).returning(reconciliations.c.id)
        )
        ids = gone.scalars().all()
        for run_id in ids:  # of one that has not ended in all this time
            await DueMoments(self._connection, self._tenant_id).remove(run_id)
        return len(ids)

    async def forget_creations(self, before: datetime, most: int) -> int:
        ended = creations.c.ended_at
        kept = and_(creations.c.state == "created", creations.c.code_kept_at.is_(None))
        is_over = ended < before, creations.c.due_at.is_(None), ~kept
        oldest = select(creations.c.id).where(self._ours(creations), *is_over)
        old = _batch(creations, oldest.order_by(ended), most)
        return await self._run(delete(creations).where(creations.c.id == old.c.id))

    async def forget_completions(self, before: datetime, most: int) -> int:
        done_at = completions.c.completed_on
        key = (completions.c.connection_id, completions.c.job_id, done_at)
        old = _batch(completions, select(*key).where(self._ours(completions), done_at < before).order_by(done_at), most)
        return await self._run(delete(completions).where(*(one == old.c[one.name] for one in key)))

    async def forget_audit(self, before: datetime, most: int) -> int:
        return int(await self._value(select(func.forget_old_audit(before, most))))

    async def _delete_rows(self, retired: Sequence[str], before: datetime) -> None:
        """Delete these sends and earlier ones of their jobs, where nothing refers to them."""
        later, newer, waiting = (sends.alias(name) for name in ("later", "newer", "waiting"))
        gone = await self._connection.execute(
            delete(sends)
            .where(
                later.c.id.in_(retired),
                _same_job(later),
                later.c.seq >= sends.c.seq,
                sends.c.retired,
                self._ended(before),
                exists().where(_same_job(newer), newer.c.seq > sends.c.seq),
                ~exists().where(_same_job(work_orders), work_orders.c.last_send_id == sends.c.id),
                ~exists().where(_same_job(warnings), warnings.c.send_id == sends.c.id),
                ~exists().where(cost_lines.c.send_id == sends.c.id, ~cost_lines.c.given_back),
                ~exists().where(waiting.c.waits_for == sends.c.id),
            )
            .returning(sends.c.id)
        )
        of_them = cost_lines.c.send_id.in_(gone.scalars().all())
        await self._run(delete(cost_lines).where(of_them, cost_lines.c.given_back))

    def _ended(self, before: datetime) -> ColumnElement[bool]:
        """The send ended before this time, has nothing left to do, and no line of it is in doubt."""
        return and_(
            self._ours(sends),
            sends.c.finished_at < before,
            sends.c.state.in_(_FINISHED),
            sends.c.due_at.is_(None),
            ~exists().where(cost_lines.c.send_id == sends.c.id, cost_lines.c.state.in_(_UNCLEAR)),
        )


def _batch(table: Table, oldest: Select[Any], most: int) -> CTE:
    """The first rows of a query. Materialized: as a plain subquery it may run once a row, and then takes more than
    `most`."""
    limited = oldest.limit(most).with_for_update(of=table, skip_locked=True)
    return limited.cte("old").prefix_with("MATERIALIZED")


def _same_job(table: FromClause) -> ColumnElement[bool]:
    return and_(table.c.connection_id == sends.c.connection_id, table.c.job_id == sends.c.job_id)
