"""When each work of a tenant is due. Its transaction is the only one that changes this, together with the cause."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables.setup import due_work
from ports.storage.due_work import WorkKind


class DueMoments:
    """Every subject has a row of each of its kinds from its beginning to its end. A wake-up of one that was removed
    meanwhile changes nothing, so no worker looks for it."""

    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, kind: WorkKind, subject: str) -> None:
        """Add the row of a new subject. Nothing is due yet."""
        values = {"kind": kind, "subject": subject, "tenant_id": self._tenant_id}
        await self._connection.execute(insert(due_work).values(values))

    async def remove(self, subject: str) -> None:
        ours = due_work.c.tenant_id == self._tenant_id
        await self._connection.execute(delete(due_work).where(ours, due_work.c.subject == subject))

    async def wake(self, kind: WorkKind, subject: str, at: datetime | None) -> bool:
        """Make it due at `at`, None for now, unless it is due earlier. False if there is no such subject.

        This locks the subject, also if it is due already: work that is about to end then waits and sees our rows.
        """
        # LEAST and GREATEST ignore NULL, so who has no work takes any moment. A moment in the past is now, so that
        # nobody comes before those who wait already.
        moment = func.least(due_work.c.due_at, func.greatest(at, func.now()))
        return await self._change(kind, subject, due_at=moment)

    async def set(self, kind: WorkKind, subject: str, at: datetime | None) -> bool:
        """The work has ended well and is due next at `at`, None for never. False if there is no such subject."""
        return await self._change(kind, subject, due_at=at and func.greatest(at, func.now()), failures=0)

    async def pull_forward(self, kind: WorkKind, subjects: Collection[str], beyond: datetime) -> int:
        """Make the work on these subjects due now if it is due after `beyond`. Returns how much there was."""
        these = due_work.c.kind == kind, due_work.c.subject.in_(subjects), due_work.c.tenant_id == self._tenant_id
        late = select(due_work.c.subject).where(*these, due_work.c.due_at > beyond)
        found = (await self._connection.execute(late.order_by(due_work.c.subject))).scalars().all()
        return sum([await self.wake(kind, subject, None) for subject in found])

    async def _change(self, kind: WorkKind, subject: str, **values: object) -> bool:
        ours = due_work.c.tenant_id == self._tenant_id
        # Before the row: requests add work under a lock that they share (migrations/sql/due_work.sql).
        locked = select(func.lock_due(kind, subject, False)).scalar_subquery()
        this = update(due_work).where(ours, due_work.c.kind == kind, due_work.c.subject == subject, locked)
        return bool((await self._connection.execute(this.values(values))).rowcount)
