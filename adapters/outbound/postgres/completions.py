"""Job changes, completions that already had an effect, and the next poll of a tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.setup import completions, hints, tenant_watch
from ports.storage.completions import CompletionNews, Completions, JobChange, PollState, RecordedCompletion
from ports.storage.due_work import WorkKind

_ACTS_AGAIN = {"reopened": False, "version": completions.c.version + 1}
"""The changes of a reopened completion that triggers a send once more."""


class PostgresCompletions(Repository, Completions):
    _tenant_id: str

    async def add_change(self, job_id: str, now: datetime) -> None:
        await self._run(
            insert(hints)
            .values(tenant_id=self._tenant_id, job_id=job_id, version=1, tries=0, due_at=now)
            .on_conflict_do_update(
                index_elements=("tenant_id", "job_id"),
                set_={"version": hints.c.version + 1, "due_at": func.least(hints.c.due_at, now)},
            )
        )

    async def next_change(self, now: datetime) -> JobChange | None:
        due = select(hints).where(self._ours(hints), hints.c.due_at <= now)
        row = await self._row(due.order_by(hints.c.due_at, hints.c.job_id).limit(1))
        return JobChange(row["job_id"], row["version"], row["tries"]) if row else None

    async def checked(self, change: JobChange) -> None:
        await self._run(delete(hints).where(self._ours(hints, job_id=change.job_id, version=change.version)))

    async def postpone(self, change: JobChange, until: datetime, *, failed: bool = True) -> None:
        waiting = update(hints).where(self._ours(hints, job_id=change.job_id))
        await self._run(waiting.values(tries=hints.c.tries + int(failed), due_at=until))

    async def earliest_change(self) -> datetime | None:
        earliest: datetime | None = await self._value(select(func.min(hints.c.due_at)).where(self._ours(hints)))
        return earliest

    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> CompletionNews:
        """Record a completion. A second writer waits for the first in either statement, and then has nothing to do."""
        of_job = self._ours(completions, connection_id=connection_id, job_id=job_id)
        reopened = await self._run(update(completions).where(of_job, completions.c.reopened).values(_ACTS_AGAIN))
        recorded = await self._value(
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
        new = CompletionNews.NEW if recorded else CompletionNews.KNOWN
        return CompletionNews.REOPENED if reopened else new

    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        this = self._ours(completions, connection_id=connection_id, job_id=job_id, completed_on=completed_on)
        return bool(await self._value(select(exists().where(this, ~completions.c.reopened))))

    async def of_job(self, job_id: str) -> Sequence[RecordedCompletion]:
        found = await self._rows(select(completions).where(self._ours(completions, job_id=job_id)))
        return [made(RecordedCompletion, row) for row in found]

    async def reopened(self, job_id: str, seen: Sequence[RecordedCompletion]) -> None:
        for one in seen:
            this = self._ours(completions, job_id=job_id, **columns(one, "reopened"))
            await self._run(update(completions).where(this).values(reopened=True))

    async def forget_reopenings(self, connection_id: str) -> None:
        reopened = self._ours(completions, connection_id=connection_id, reopened=True)
        await self._run(update(completions).where(reopened).values(_ACTS_AGAIN))

    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        due = DueMoments(self._connection, self._tenant_id)
        await (due.wake if only_earlier else due.set)(WorkKind.COMPLETIONS, self._tenant_id, due_at)

    async def pull_forward(self, beyond: datetime, now: datetime) -> int:
        changes = update(hints).where(self._ours(hints), hints.c.due_at > beyond)
        poll = update(tenant_watch).where(self._ours(tenant_watch), tenant_watch.c.poll_at > beyond)
        late = await self._run(changes.values(due_at=now)) + await self._run(poll.values(poll_at=now))
        if late:
            await self.set_due(now, only_earlier=True)
        return late

    async def poll(self) -> PollState:
        row = await self._row(select(tenant_watch).where(self._ours(tenant_watch)))
        if row is None:
            return PollState()
        return PollState(row["polled_until"], row["poll_at"], row["poll_failures"], row["poll_version"])

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
        await self._run(
            insert(tenant_watch).values(values).on_conflict_do_update(index_elements=("tenant_id",), set_=changes)
        )
