"""The journal of sends, inside one transaction."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model.planning.plan import SendPlan
from core.model.sending.send import Attempt, Send, SendState, Step


class Sends(Protocol):
    @abstractmethod
    async def add(self, send: Send) -> Send:
        """Store a new send; returns it with its `seq`. Later sends of a connection have a higher one."""
        ...

    @abstractmethod
    async def get(self, send_id: str) -> Send:
        """Raises NotFound (SEND_NOT_FOUND)."""
        ...

    @abstractmethod
    async def save(self, send: Send) -> Send:
        """Store all fields of an existing send but its plan; returns it with its new `version`.

        Raises SendChanged if the stored row is no longer of `send.version`, and stores nothing then.
        """
        ...

    @abstractmethod
    async def next_due(
        self, connection_id: str, now: datetime, *, steps: Collection[Step] = tuple(Step)
    ) -> Send | None:
        """The due send in one of `steps` with the lowest `seq` that no earlier unfinished send of its job precedes.

        Due: `due_at` not None and not after `now`. Unfinished: state queued, sending or retrying, unless it waits for
        another send itself.
        """
        ...

    @abstractmethod
    async def earliest_due(self, connection_id: str, *, steps: Collection[Step] = tuple(Step)) -> datetime | None:
        """The smallest `due_at` among what `next_due` chooses from, for the next wake-up; None if there is none."""
        ...

    @abstractmethod
    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        """The job's sends in these states, oldest first, locked until the transaction ends."""
        ...

    @abstractmethod
    async def store_plan(self, send_id: str, plan_id: str, plan: SendPlan) -> None:
        """Written once; the send that is saved with this `plan_id` afterwards has this plan."""
        ...

    @abstractmethod
    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        """Whatever waits for this send is due at `now`. Returns how many that were."""
        ...

    @abstractmethod
    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        """The hold that ended at `held_until` is over: what was to be tried then is due at `now`."""
        ...

    @abstractmethod
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
        """Newest first; `before` is the `seq` to go on from. Empty filters mean all.

        `batch_id` means the sends that the batch made and those that joined it.
        """
        ...

    @abstractmethod
    async def join_batch(self, batch_id: str, send_id: str) -> None:
        """Let a send go along in one more batch than the one that made it. Again is no error."""
        ...

    @abstractmethod
    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        """How many sends of the batch are in which state; empty for a batch that is none."""
        ...

    @abstractmethod
    async def count_since(self, at: datetime) -> Mapping[SendState, int]:
        """How many sends requested since then are in which state now."""
        ...

    @abstractmethod
    async def record_attempt(self, attempt: Attempt) -> None:
        """Append one attempt."""
        ...

    @abstractmethod
    async def attempts(self, send_id: str) -> Sequence[Attempt]:
        """All attempts of a send, oldest first."""
        ...

    @abstractmethod
    async def find_key(self, key: str) -> tuple[str, str] | None:
        """What an Idempotency-Key was bound to: (send id, body hash); None if nothing."""
        ...

    @abstractmethod
    async def remember_key(self, key: str, body_hash: str, send_id: str) -> tuple[str, str]:
        """Bind an Idempotency-Key to a send, or find what it was bound to before.

        Returns (send id, body hash) of the first binding. Concurrent twins wait for each other.
        """
        ...
