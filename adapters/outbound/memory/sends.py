"""The journal of sends, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredIdempotencyKey
from core.model.sending.send import Attempt, Send, SendState, Step
from core.model.sending.send_filter import ALL_SENDS, MOST_CUSTOMERS, SendFilter, search_key, too_many_customers
from core.model.shared.errors import NotFound
from ports.storage.send_requests import BoundKey
from ports.storage.sends import Sends


class MemorySends(Repository, Sends):
    async def add(self, send: Send) -> Send:
        seq = max((old.seq for old in self._rows.sends.values()), default=0) + 1
        self._rows.sends[send.id] = stored = replace(send, seq=seq, version=1)
        if send.batch_id:
            await self.join_batch(send.batch_id, send.id)
        return stored

    async def get(self, send_id: str) -> Send:
        found = self._rows.sends.get(send_id)
        if found is None or found.tenant_id != self._tenant_id:
            raise NotFound(f"There is no send {send_id}.", code="SEND_NOT_FOUND")
        return found

    async def some(self, send_ids: Collection[str]) -> Sequence[Send]:
        return [send for send in self.ours() if send.id in send_ids]

    async def watch(self, send_id: str, seconds: float) -> None:
        await self.get(send_id)  # every change is told of here

    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        found = (send for send in self._of(connection_id) if send.job_id == job_id and send.state in states)
        return sorted(found, key=lambda send: send.seq)

    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        waiting = [send for send in self.ours() if send.waits_for == send_id]
        for send in waiting:
            self._rows.sends[send.id] = replace(send, waits_for=None, due_at=now, version=send.version + 1)
        return len(waiting)

    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        for send in list(self._of(connection_id)):
            if send.state is SendState.RETRYING and send.due_at == held_until:
                self._rows.sends[send.id] = replace(send, due_at=now, version=send.version + 1)

    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        waits = (SendState.QUEUED, SendState.RETRYING)
        late = [
            send for send in self._of(connection_id) if send.state in waits and send.due_at and send.due_at > beyond
        ]
        for send in late:
            self._rows.sends[send.id] = replace(send, due_at=now, version=send.version + 1)
        return len(late)

    async def page(
        self,
        only: SendFilter = ALL_SENDS,
        *,
        limit: int = 50,
        before: int | None = None,
        plans: bool = False,
    ) -> Sequence[Send]:
        found = (send for send in self._that_match(only) if before is None or send.seq < before)
        page = sorted(found, key=lambda send: -send.seq)[:limit]
        return page if plans else [replace(send, plan=None) for send in page]

    async def count(self, only: SendFilter, most: int) -> int:
        return min(len(self._that_match(only)), most)

    async def customers(self, part: str, limit: int) -> Sequence[str]:
        return [name for _, name in sorted(self._customers(search_key(part)).items())][:limit]

    async def causes(self) -> Collection[str]:
        return {send.cause.code for send in self.ours() if send.cause}

    def _that_match(self, only: SendFilter) -> Sequence[Send]:
        # As in PostgreSQL, a batch or a job has few sends, and a text is only compared with theirs.
        if (
            not (only.batch_id or only.job_id or only.whole)
            and only.key
            and len(self._customers(only.key)) > MOST_CUSTOMERS
        ):
            raise too_many_customers()
        batches = self._rows.batches
        return [
            send
            for send in self.ours()
            if only.matches(send) and (only.batch_id is None or (only.batch_id, send.id) in batches)
        ]

    def _customers(self, part: str) -> Mapping[str, str]:
        """By what is compared of them: the names that have this text in them."""
        named = ((search_key(send.customer), send.customer) for send in self.ours() if send.customer)
        return {key: name for key, name in named if part in key}

    async def join_batch(self, batch_id: str, send_id: str) -> None:
        self._rows.batches[batch_id, send_id] = None

    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        return Counter(send.state for send in self.ours() if (batch_id, send.id) in self._rows.batches)

    async def attempts(
        self, send_id: str, *, line_id: str | None = None, limit: int = 50, before: int | None = None
    ) -> Sequence[Attempt]:
        found = [
            one
            for owner, one in reversed(self._rows.attempts)
            if (owner, one.send_id) == (self._tenant_id, send_id)
            and line_id in (None, one.line_id)
            and (before is None or one.seq < before)
        ]
        return found[:limit]

    async def find_key(self, key: str) -> BoundKey | None:
        found = self._rows.keys.get((self._tenant_id, key))
        return found.bound if found else None

    async def bind_key(self, key: BoundKey) -> BoundKey:
        return self._rows.keys.setdefault((self._tenant_id, key.key), StoredIdempotencyKey(key, self._now)).bound

    def to_do(self, connection_id: str, steps: Collection[Step]) -> Iterator[Send]:
        """The sends with work left whose job has no earlier unfinished send."""
        ours = list(self._of(connection_id))
        for send in ours:
            blocked = any(
                old.job_id == send.job_id and old.seq < send.seq and not old.state.settled and not old.waits_for
                for old in ours
            )
            if send.due_at and send.step in steps and not blocked:
                yield send

    def _of(self, connection_id: str) -> Iterator[Send]:
        return (send for send in self.ours() if send.connection_id == connection_id)

    def ours(self) -> Iterator[Send]:
        return (send for send in self._rows.sends.values() if send.tenant_id == self._tenant_id)
