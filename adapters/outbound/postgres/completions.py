"""Hints, completions that acted already, and when a tenant is to be looked at next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import completions, hints, tenant_watch
from ports.completions import Completions, Hint, Hints, Watch


class PostgresHints(Hints):
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

    async def next_due(self, now: datetime) -> Hint | None:
        found = await self._connection.execute(
            select(hints).where(self._mine(), hints.c.due_at <= now).order_by(hints.c.due_at, hints.c.job_id).limit(1)
        )
        row = found.first()
        return Hint(row.job_id, row.version, row.tries) if row else None

    async def done(self, hint: Hint) -> None:
        await self._connection.execute(delete(hints).where(self._is(hint), hints.c.version == hint.version))

    async def postpone(self, hint: Hint, until: datetime) -> None:
        await self._connection.execute(
            update(hints).where(self._is(hint)).values(tries=hints.c.tries + 1, due_at=until)
        )

    async def earliest(self) -> datetime | None:
        found = await self._connection.execute(select(func.min(hints.c.due_at)).where(self._mine()))
        earliest: datetime | None = found.scalar_one()
        return earliest

    def _is(self, hint: Hint) -> ColumnElement[bool]:
        return and_(self._mine(), hints.c.job_id == hint.job_id)

    def _mine(self) -> ColumnElement[bool]:
        return hints.c.tenant_id == self._tenant_id


class PostgresCompletions(Completions):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        done = await self._connection.execute(
            insert(completions)
            .values(
                tenant_id=self._tenant_id, connection_id=connection_id, job_id=job_id, completed_on=completed_on
            )
            .on_conflict_do_nothing()
            .returning(completions.c.job_id)
        )
        return done.first() is not None

    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        answer = await self._connection.execute(
            select(
                exists().where(
                    completions.c.tenant_id == self._tenant_id,
                    completions.c.connection_id == connection_id,
                    completions.c.job_id == job_id,
                    completions.c.completed_on.is_not_distinct_from(completed_on),
                )
            )
        )
        return bool(answer.scalar_one())


class PostgresWatch(Watch):
    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        # LEAST ignores NULL, so a tenant without work takes any moment.
        moment = func.least(tenant_watch.c.due_at, due_at) if only_earlier else due_at
        await self._store(due_at, {"due_at": moment})

    async def polled(self) -> datetime | None:
        found = await self._connection.execute(
            select(tenant_watch.c.polled_until).where(tenant_watch.c.tenant_id == self._tenant_id)
        )
        until: datetime | None = found.scalar_one_or_none()
        return until

    async def set_polled(self, until: datetime) -> None:
        await self._store(None, {"polled_until": until}, polled_until=until)

    async def _store(self, due_at: datetime | None, changes: dict[str, object], **values: object) -> None:
        await self._connection.execute(
            insert(tenant_watch)
            .values(tenant_id=self._tenant_id, due_at=due_at, **values)
            .on_conflict_do_update(index_elements=("tenant_id",), set_=changes)
        )
