"""The journal of sends, inside one transaction. `SendChanges` stores what becomes of a send."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model.sending.send import Attempt, Send, SendState
from core.model.sending.send_filter import ALL_SENDS, SendFilter
from ports.storage.send_requests import BoundKey


class Sends(Protocol):
    @abstractmethod
    async def add(self, send: Send) -> Send:
        """Store a new send; returns it with its `seq`, which is higher for later sends of a connection."""
        ...

    @abstractmethod
    async def get(self, send_id: str) -> Send:
        """Raises NotFound (SEND_NOT_FOUND)."""
        ...

    @abstractmethod
    async def some(self, send_ids: Collection[str]) -> Sequence[Send]:
        """Those of these sends that exist, in no particular order."""
        ...

    @abstractmethod
    async def watch(self, send_id: str, seconds: float) -> None:
        """Have the change feed told, for so many seconds, of every change of the send that this transaction cannot see.
        Raises NotFound (SEND_NOT_FOUND)."""
        ...

    @abstractmethod
    async def of_job(self, connection_id: str, job_id: str, states: Collection[SendState]) -> Sequence[Send]:
        """The job's sends in these states, oldest first, locked until the transaction ends."""
        ...

    @abstractmethod
    async def wake_waiting(self, send_id: str, now: datetime) -> int:
        """Make the sends that wait for this send due at `now`. Returns how many there were."""
        ...

    @abstractmethod
    async def release(self, connection_id: str, held_until: datetime, now: datetime) -> None:
        """The hold until `held_until` has ended: make the sends that were due at its end due at `now`."""
        ...

    @abstractmethod
    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        """Make the sends that are due after `beyond` due at `now`. Returns how many there were."""
        ...

    @abstractmethod
    async def page(
        self,
        only: SendFilter = ALL_SENDS,
        *,
        limit: int = 50,
        before: int | None = None,
        plans: bool = False,
    ) -> Sequence[Send]:
        """Newest first; `before` is the `seq` after which the page begins. Only with `plans` they have their plans.

        Raises BadInput (TOO_MANY_CUSTOMERS) for a text that more than MOST_CUSTOMERS customers have in their names.
        """
        ...

    @abstractmethod
    async def count(self, only: SendFilter, most: int) -> int:
        """How many sends there are of these, counted up to `most`. Raises as `page` does."""
        ...

    @abstractmethod
    async def customers(self, part: str, limit: int) -> Sequence[str]:
        """The names of customers of sends that have this text in them, by the alphabet. Of names that differ only in
        capital letters and blanks, one."""
        ...

    @abstractmethod
    async def causes(self) -> Collection[str]:
        """The codes that sends have as their cause now."""
        ...

    @abstractmethod
    async def join_batch(self, batch_id: str, send_id: str) -> None:
        """Add a send to another batch, besides the one that made it. Adding it twice is no error."""
        ...

    @abstractmethod
    async def count_batch(self, batch_id: str) -> Mapping[SendState, int]:
        """The number of the batch's sends in each state; empty for an unknown batch."""
        ...

    @abstractmethod
    async def attempts(
        self, send_id: str, *, line_id: str | None = None, limit: int = 50, before: int | None = None
    ) -> Sequence[Attempt]:
        """The attempts of a send, or of one of its lines, newest first; `before` is the `seq` after which the page
        begins."""
        ...

    @abstractmethod
    async def find_key(self, key: str) -> BoundKey | None:
        """What an Idempotency-Key is bound to, None if it is not bound."""
        ...

    @abstractmethod
    async def bind_key(self, key: BoundKey) -> BoundKey:
        """Bind an Idempotency-Key, unless it is bound already. Returns the first binding.

        Concurrent calls with the same key wait for each other.
        """
        ...
