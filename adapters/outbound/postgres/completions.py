"""Job changes, completions that already had an effect, and the next poll of a tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import completions, hints, tenant_watch
from ports.storage.completions import (
    CompletionNews,
    Completions,
    JobChange,
    JobChanges,
    PollSchedule,
    PollState,
    RecordedCompletion,
)


class PostgresJobChanges(JobChanges):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, job_id: str, now: datetime) -> None:
        await self._connection.execute(
            insert(hints)
            .values(tenant_id=self._tenant_id, job_id=job_id, version=1, tries=0, due_at=now)
            .on_conflict_do_update(
                index_elements=("tenant_id", "job_id"),
                set_={"version": hints.c.version + 1, "due_at": func.least(hints.c.due_at, now)},
            )
        )

    async def next_due(self, now: datetime) -> JobChange | None:
        found = await self._connection.execute(
            select(hints).where(self._mine(), hints.c.due_at <= now).order_by(hints.c.due_at, hints.c.job_id).limit(1)
        )
        row = found.first()
        return JobChange(row.job_id, row.version, row.tries) if row else None

    async def done(self, change: JobChange) -> None:
        await self._connection.execute(delete(hints).where(self._is(change), hints.c.version == change.version))

    async def postpone(self, change: JobChange, until: datetime, *, failed: bool = True) -> None:
        await self._connection.execute(
            update(hints).where(self._is(change)).values(tries=hints.c.tries + int(failed), due_at=until)
        )

    async def earliest(self) -> datetime | None:
        found = await self._connection.execute(select(func.min(hints.c.due_at)).where(self._mine()))
        earliest: datetime | None = found.scalar_one()
        return earliest

    def _is(self, change: JobChange) -> ColumnElement[bool]:
        return and_(self._mine(), hints.c.job_id == change.job_id)

    def _mine(self) -> ColumnElement[bool]:
        return hints.c.tenant_id == self._tenant_id


class PostgresCompletions(Completions):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> CompletionNews:
        """Record a completion. A second writer waits for the first in either statement, and then has nothing to do."""
        reopened = await self._connection.execute(
            update(completions)
            .where(self._of(connection_id), completions.c.job_id == job_id, completions.c.reopened)
            .values(reopened=False, version=completions.c.version + 1)
        )
        recorded = await self._connection.execute(
            insert(completions)
            .values(
                tenant_id=self._tenant_id,
                connection_id=connection_id,
                job_id=job_id,
                completed_on=completed_on,
                reopened=False,
                version=1,
            )
            .on_conflict_do_nothing()
            .returning(completions.c.job_id)
        )
        new = CompletionNews.NEW if recorded.first() else CompletionNews.KNOWN
        return CompletionNews.REOPENED if reopened.rowcount else new

    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        answer = await self._connection.execute(
            select(
                exists().where(
                    self._of(connection_id),
                    completions.c.job_id == job_id,
                    completions.c.completed_on.is_not_distinct_from(completed_on),
                    ~completions.c.reopened,
                )
            )
        )
        return bool(answer.scalar_one())

    async def of_job(self, job_id: str) -> Sequence[RecordedCompletion]:
        found = await self._connection.execute(
            select(completions).where(completions.c.tenant_id == self._tenant_id, completions.c.job_id == job_id)
        )
        return [RecordedCompletion(row.connection_id, row.completed_on, row.reopened, row.version) for row in found]

    async def reopened(self, job_id: str, seen: Sequence[RecordedCompletion]) -> None:
        for one in seen:
            await self._connection.execute(
                update(completions)
                .where(
                    self._of(one.connection_id),
                    completions.c.job_id == job_id,
                    completions.c.completed_on.is_not_distinct_from(one.completed_on),
                    completions.c.version == one.version,
                )
                .values(reopened=True)
            )

    async def forget_reopenings(self, connection_id: str) -> None:
        await self._connection.execute(
            update(completions)
            .where(self._of(connection_id), completions.c.reopened)
            .values(reopened=False, version=completions.c.version + 1)
        )

    def _of(self, connection_id: str) -> ColumnElement[bool]:
        return and_(completions.c.tenant_id == self._tenant_id, completions.c.connection_id == connection_id)


class PostgresPollSchedule(PollSchedule):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        # LEAST ignores NULL, so a tenant without work accepts any time.
        moment = func.least(tenant_watch.c.due_at, due_at) if only_earlier else due_at
        await self._store({"due_at": moment}, due_at=due_at)

    async def poll(self) -> PollState:
        found = await self._connection.execute(select(tenant_watch).where(tenant_watch.c.tenant_id == self._tenant_id))
        row = found.first()
        return PollState(row.polled_until, row.poll_at, row.poll_failures, row.poll_version) if row else PollState()

    async def go_back(self, to: datetime) -> None:
        until = tenant_watch.c.polled_until
        earlier = case((until > to, to), else_=until)  # NULL stays
        await self._store(
            {"polled_until": earlier, "poll_at": None, "poll_version": tenant_watch.c.poll_version + 1}, poll_version=1
        )

    async def poll_succeeded(self, begun: PollState, until: datetime, due_at: datetime) -> None:
        still = tenant_watch.c.poll_version == begun.version
        await self._store(
            {
                "polled_until": case((still, until), else_=tenant_watch.c.polled_until),
                "poll_at": case((still, due_at), else_=tenant_watch.c.poll_at),
                "poll_failures": 0,
            },
            polled_until=until,
            poll_at=due_at,
        )

    async def poll_failed(self, begun: PollState, due_at: datetime) -> int:
        failures = begun.failures + 1
        still = tenant_watch.c.poll_version == begun.version
        await self._store(
            {"poll_failures": failures, "poll_at": case((still, due_at), else_=tenant_watch.c.poll_at)},
            poll_failures=failures,
            poll_at=due_at,
        )
        return failures

    async def _store(self, changes: dict[str, object], **first: object) -> None:
        """Store the changes. `first` holds values of a tenant's first row that differ from the defaults."""
        values = {"tenant_id": self._tenant_id, "poll_failures": 0, "poll_version": 0, **first}
        await self._connection.execute(
            insert(tenant_watch).values(values).on_conflict_do_update(index_elements=("tenant_id",), set_=changes)
        )
