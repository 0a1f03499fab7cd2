"""Acknowledge a restored backup: a person checks what was completed since and gives a reason; items are sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.model.connections.connection import Connection, ItemsHold
from core.model.operations.audit import AuditEntry
from core.model.planning.items_held import refuse_while_fresh
from core.model.planning.job import ChangedJob, CompletedJob
from core.model.sending.send import SendState, Topic
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import BadInput, Conflict, FieldError
from core.model.work_orders.cost_line import LineState
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
MARGIN = timedelta(hours=1)
"""Clocks differ, and a job is completed some time before its items are sent."""
MOST_JOBS = 500
_LONGEST_REASON = 500
_ALL = 1_000_000
_UNDER_WAY = (*(state for state in SendState if not state.settled), SendState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class CompletedSince:
    """`items_known`: the ledger has a line of this job that is, or may be, in Spectrum."""

    job_id: str
    completed_on: datetime | None
    job_number: str | None
    work_order_number: str | None
    items_known: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """A connection with its hold and the jobs completed in ServiceTrade since then, newest first. `since` is one hour
    before the last line that the database knows. Without a hold, `since` and `jobs` are empty."""

    connection: Connection
    since: datetime | None = None
    jobs: tuple[CompletedSince, ...] = ()
    more: bool = False


class AcknowledgeRestore(Service):
    async def look(self, tenant_id: str, slug: str | None = None) -> Sequence[Restored]:
        """Every held connection, or the named one, held or not. Raises NotFound and what the ServiceTrade port does."""
        async with self._transactions.begin(tenant_id) as t:
            connections = [await t.connections.by_slug(slug)] if slug else await t.connections.all()
        return [await self._since(one) for one in connections if slug or one.items_hold]

    async def __call__(self, tenant_id: str, slug: str | None, *, reason: str, by: str) -> Sequence[Connection]:
        """End the hold of the named connection, or of all. `reason` says what was checked, in 1 to 500 characters.

        A job that was sent before and changed in ServiceTrade since the backup may have items that nobody knows of. It
        waits until a person declares its items, also if it is completed again. Raises NotFound, BadInput, Conflict
        (RESTORE_NOT_HELD, or RESTORE_TOO_FRESH while lines on their way may still be added), and what the ServiceTrade
        port raises.
        """
        _check(reason)
        async with self._transactions.begin(tenant_id) as t:
            found = [await t.connections.by_slug(slug)] if slug else await t.connections.all()
        changed = {one.id: await self._changed_since(one, one.items_hold) for one in found if one.items_hold}
        async with self._transactions.begin(tenant_id) as t:
            named = [await t.connections.by_slug(slug)] if slug else await t.connections.all()
            # In the order of their ids, as all code does that locks several connections.
            locked = [await t.connections.lock(one_id) for one_id in sorted(one.id for one in named)]
            held = [(one, one.items_hold) for one in locked if one.items_hold]
            if not held:
                raise _not_held(slug)
            for _, hold in held:
                refuse_while_fresh(hold, await t.now())
            for connection, _ in held:
                await _forget_plans(t, connection)
                _, jobs = changed.get(connection.id, (None, ()))
                await _doubt_items(t, connection, [job for job in jobs if job.id])
            ended = [await self._end(t, connection, hold, reason.strip(), by) for connection, hold in held]
        removed = self._intent_mark.forgotten()
        for connection in ended:
            if connection.id in removed:  # it is there again, and the next start need not hold it for that once more
                self._intent_mark.note(connection.id, max(connection.intents, 1))
            _log.info("restore.acknowledged", tenant_id=tenant_id, connection=connection.slug, by=by)
        return ended

    async def _end(
        self, t: TenantTransaction, connection: Connection, hold: ItemsHold, reason: str, by: str
    ) -> Connection:
        now = await t.now()
        sent = max(hold.intents, self._intent_mark.of(connection.id))
        await t.connections.raise_intents(connection.id, sent)  # otherwise the next start would hold it again
        await t.connections.set_items_hold(connection.id, None)
        await t.connections.set_restored(connection.id, now)
        if any(one.connection_id == connection.id for one in await t.warnings.open(limit=1000, code=hold.finding.code)):
            await t.warnings.clear(connection.id, "", Topic.RESTORE)
        detail = {
            "connection": connection.slug,
            "reason": reason,
            "known": str(connection.intents),
            "sent": str(sent),
        }
        await t.audit.record(AuditEntry(now, by, "restore.acknowledged", connection.id, detail))
        await t.connections.wake(connection.id, now)
        return await t.connections.get(connection.id)

    async def _changed_since(self, connection: Connection, hold: ItemsHold) -> tuple[datetime, Sequence[ChangedJob]]:
        """The jobs that changed in ServiceTrade since the database's last known line, and that time."""
        async with self._transactions.begin(connection.tenant_id) as t:
            account = await t.account()
            # A connection without any line may have been new in the backup.
            known_until = connection.last_intent_at or (await t.tenant()).created_at or hold.since
        since = known_until - MARGIN
        return since, [job async for job in self._service_trade.changed_since(account, since)]

    async def _since(self, connection: Connection) -> Restored:
        if connection.items_hold is None:
            return Restored(connection)
        since, changed = await self._changed_since(connection, connection.items_hold)
        done = [job.completion for job in changed if job.completion]
        jobs = [job for job in done if job.completed_on is None or job.completed_on >= since]
        jobs.sort(key=lambda job: (job.completed_on is not None, job.completed_on, job.id), reverse=True)
        async with self._transactions.begin(connection.tenant_id) as t:
            known = [await _known(t, connection, job) for job in jobs[:MOST_JOBS]]
        return Restored(connection, since, tuple(known), len(jobs) > MOST_JOBS)


async def _forget_plans(t: TenantTransaction, connection: Connection) -> None:
    """Give back the plans of open sends: one from before the backup may have been posted after it."""
    for send in await t.sends.page(SendFilter(states=_UNDER_WAY, connection_id=connection.id), limit=_ALL):
        await t.ledger.leave(await t.ledger.give_back(send.id))


async def _doubt_items(t: TenantTransaction, connection: Connection, jobs: Iterable[ChangedJob]) -> None:
    """Mark the items of these jobs as unknown, except for open jobs without a record: nothing of them was sent, or
    their number is unknown. A completed job gets a record: another connection may have posted its items, and its
    completion date may later be changed to a time after the restore."""
    for job in jobs:
        record = await t.work_orders.find(connection.id, job.id)
        if record is None and job.completion:
            record = WorkOrderRecord(tenant_id=connection.tenant_id, connection_id=connection.id, job_id=job.id)
        if record:
            await t.work_orders.save(replace(record, items_unknown=True))


async def _known(t: TenantTransaction, connection: Connection, job: CompletedJob) -> CompletedSince:
    record = await t.work_orders.find(connection.id, job.id)
    sends = await t.sends.page(SendFilter(connection_id=connection.id, job_id=job.id), limit=1)
    lines = await t.ledger.on_account(connection.id, job.id, record.number or "" if record else "")
    return CompletedSince(
        job_id=job.id,
        completed_on=job.completed_on,
        job_number=sends[0].job_number if sends else None,
        work_order_number=record.number if record else None,
        items_known=any(line.state in _THERE for line in lines),
    )


_THERE = (LineState.SENDING, LineState.IN_DOUBT, LineState.POSTED)


def _check(reason: str) -> None:
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        detail = f"say what you checked, in 1 to {_LONGEST_REASON} characters"
        raise BadInput(
            f"The restored backup cannot be acknowledged: reason: {detail}.",
            fix="Compare the jobs completed since the backup with the costs in Spectrum, and say what you found.",
            errors=[FieldError("/reason", detail)],
        )


def _not_held(slug: str | None) -> Conflict:
    return Conflict(
        f"The connection {slug} is not held for a restored backup." if slug else "No connection is held.",
        code="RESTORE_NOT_HELD",
        fix="You need not acknowledge anything: items are sent already.",
    )
