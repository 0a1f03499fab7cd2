"""What follows ServiceTrade: job changes, completions that already had an effect, the next poll of a tenant, and
ServiceTrade's webhooks, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import CompletionKey, StoredCompletion, StoredJobChange
from ports.storage.completions import CompletionNews, Completions, JobChange, PollState, RecordedCompletion
from ports.storage.due_work import WorkKind
from ports.storage.webhooks import WebhookRecord, Webhooks


class MemoryCompletions(Repository, Completions):
    async def add_change(self, job_id: str, now: datetime) -> None:
        found = self._rows.job_changes.get((self._tenant_id, job_id))
        if found is None:
            self._rows.job_changes[self._tenant_id, job_id] = StoredJobChange(JobChange(job_id, 1), now)
        else:
            change = replace(found.change, version=found.change.version + 1)
            self._rows.job_changes[self._tenant_id, job_id] = StoredJobChange(change, min(found.due_at, now))

    async def next_change(self, now: datetime) -> JobChange | None:
        due = [stored for stored in self._changes() if stored.due_at <= now]
        first = min(due, key=lambda stored: (stored.due_at, stored.change.job_id), default=None)
        return first.change if first else None

    async def checked(self, change: JobChange) -> None:
        found = self._rows.job_changes.get((self._tenant_id, change.job_id))
        if found and found.change.version == change.version:
            del self._rows.job_changes[self._tenant_id, change.job_id]

    async def postpone(self, change: JobChange, until: datetime, *, failed: bool = True) -> None:
        found = self._rows.job_changes.get((self._tenant_id, change.job_id))
        if found:
            again = replace(found.change, tries=found.change.tries + int(failed))
            self._rows.job_changes[self._tenant_id, change.job_id] = StoredJobChange(again, until)

    async def earliest_change(self) -> datetime | None:
        return min((stored.due_at for stored in self._changes()), default=None)

    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> CompletionNews:
        reopened = [key for key in self._reopened(connection_id) if key[2] == job_id]
        for other in reopened:
            self._rows.completions[other] = self._rows.completions[other].acts_again()
        key = (self._tenant_id, connection_id, job_id, completed_on)
        new = CompletionNews.KNOWN if key in self._rows.completions else CompletionNews.NEW
        self._rows.completions.setdefault(key, StoredCompletion())
        return CompletionNews.REOPENED if reopened else new

    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        found = self._rows.completions.get((self._tenant_id, connection_id, job_id, completed_on))
        return found is not None and not found.reopened

    async def of_job(self, job_id: str) -> Sequence[RecordedCompletion]:
        return [
            RecordedCompletion(connection_id, moment, one.reopened, one.version)
            for (tenant_id, connection_id, job, moment), one in self._rows.completions.items()
            if (tenant_id, job) == (self._tenant_id, job_id)
        ]

    async def reopened(self, job_id: str, seen: Sequence[RecordedCompletion]) -> None:
        for one in seen:
            key = (self._tenant_id, one.connection_id, job_id, one.completed_on)
            found = self._rows.completions.get(key)
            if found and found.version == one.version:
                self._rows.completions[key] = replace(found, reopened=True)

    async def forget_reopenings(self, connection_id: str) -> None:
        for key in self._reopened(connection_id):
            self._rows.completions[key] = self._rows.completions[key].acts_again()

    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        (self._wake if only_earlier else self._set_due)(WorkKind.COMPLETIONS, self._tenant_id, due_at)

    async def pull_forward(self, beyond: datetime, now: datetime) -> int:
        late = [one.change.job_id for one in self._changes() if one.due_at > beyond]
        for job_id in late:
            found = self._rows.job_changes[self._tenant_id, job_id]
            self._rows.job_changes[self._tenant_id, job_id] = StoredJobChange(found.change, now)
        poll = await self.poll()
        if poll_is_late := poll.due_at is not None and poll.due_at > beyond:
            self._set_poll(replace(poll, due_at=now))
        if late or poll_is_late:
            await self.set_due(now, only_earlier=True)
        return len(late) + poll_is_late

    async def poll(self) -> PollState:
        return self._rows.polls.get(self._tenant_id, PollState())

    async def go_back(self, to: datetime) -> None:
        now = await self.poll()
        until = min(now.until, to) if now.until else None
        self._set_poll(replace(now, until=until, due_at=None, version=now.version + 1))

    async def poll_succeeded(self, begun: PollState, until: datetime, due_at: datetime) -> None:
        now = replace(await self.poll(), failures=0)
        self._set_poll(replace(now, until=until, due_at=due_at) if now.version == begun.version else now)

    async def poll_failed(self, begun: PollState, due_at: datetime) -> int:
        now = replace(await self.poll(), failures=begun.failures + 1)
        self._set_poll(replace(now, due_at=due_at) if now.version == begun.version else now)
        return now.failures

    def _changes(self) -> Iterator[StoredJobChange]:
        return (stored for (tenant_id, _), stored in self._rows.job_changes.items() if tenant_id == self._tenant_id)

    def _reopened(self, connection_id: str) -> Sequence[CompletionKey]:
        ours = (self._tenant_id, connection_id)
        return [key for key, one in self._rows.completions.items() if key[:2] == ours and one.reopened]

    def _set_poll(self, poll: PollState) -> None:
        self._rows.polls[self._tenant_id] = poll


class MemoryWebhooks(Repository, Webhooks):
    async def all(self) -> Sequence[WebhookRecord]:
        ours = (record for owner, record in self._rows.webhooks.values() if owner == self._tenant_id)
        return sorted(ours, key=lambda record: (record.made_at, record.digest))

    async def add(self, record: WebhookRecord) -> None:
        self._rows.webhooks[record.digest] = (self._tenant_id, record)

    async def confirm(self, digest: bytes, webhook_id: str) -> None:
        found = self._rows.webhooks.get(digest)
        if found and found[0] == self._tenant_id:
            self._rows.webhooks[digest] = (self._tenant_id, replace(found[1], webhook_id=webhook_id))

    async def remove(self, digest: bytes) -> None:
        found = self._rows.webhooks.get(digest)
        if found and found[0] == self._tenant_id:
            del self._rows.webhooks[digest]
