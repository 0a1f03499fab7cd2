"""The journal of sends, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.rows import Repository, StoredIdempotencyKey
from core.model.sending.send import Attempt, Send, SendState, Step
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
        return [send for send in self._ours() if send.id in send_ids]

    async def watch(self, send_id: str, seconds: float) -> None:
        await self.get(send_id)  # every change is told of here

    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        found = (send for send in self._of(connection_id) if send.job_id == job_id and send.state in states)
        return sorted(found, key=lambda send: send.seq)

    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        waiting = [send for send in self._ours() if send.waits_for == send_id]
        for send in waiting:
            self._rows.sends[send.id] = replace(send, waits_for=None, due_at=now, version=send.version + 1)
        return len(waiting)

    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        for send in list(self._of(connection_id)):
            if send.state is SendState.RETRYING and send.due_at == held_until:
                self._rows.sends[send.id] = replace(send, due_at=now, version=send.version + 1)

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
        found = (
            send
            for send in self._ours()
            if (not states or send.state in states)
            and connection_id in (None, send.connection_id)
            and job_id in (None, send.job_id)
            and (batch_id is None or (batch_id, send.id) in self._rows.batches)
            and (before is None or send.seq < before)
        )
        return sorted(found, key=lambda send: -send.seq)[:limit]

    async def join_batch(self, batch_id: str, send_id: str) -> None:
        self._rows.batches[batch_id, send_id] = None

    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        return Counter(send.state for send in self._ours() if (batch_id, send.id) in self._rows.batches)

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
        return (send for send in self._ours() if send.connection_id == connection_id)

    def _ours(self) -> Iterator[Send]:
        return (send for send in self._rows.sends.values() if send.tenant_id == self._tenant_id)
