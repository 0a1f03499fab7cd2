"""Completed jobs: which jobs may have changed, when to poll, and which completions have triggered a send already."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class JobChange:
    """A job that may have changed. `version` counts its hints, `tries` the failed checks."""

    job_id: str
    version: int
    tries: int = 0


class CompletionNews(IntEnum):
    """Whether a completion is new. KNOWN is false: it has triggered a send already."""

    KNOWN = 0
    NEW = 1
    REOPENED = 2
    """The job was seen open after one of its completions had triggered a send, and none has triggered one since."""


@dataclass(frozen=True, slots=True)
class RecordedCompletion:
    """A completion that triggered a send. `version` counts how often it did so again after a reopening of the job."""

    connection_id: str
    completed_on: datetime | None
    reopened: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class PollState:
    """How far the list of changed jobs is known.

    `until`: every change before it was seen (None: never polled); `due_at`: when to poll next (None: at once);
    `failures` in a row; `version` counts how often `go_back` was called.
    """

    until: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    version: int = 0


class Completions(Protocol):
    """(connection, job, time of completion) is recorded once, so each completion triggers one send.

    If the job was seen open in between, the same completion time may trigger a send again.
    """

    @abstractmethod
    async def add_change(self, job_id: str, now: datetime) -> None:
        """Add a hint to check this job soon. A second hint for a waiting job only raises its version."""
        ...

    @abstractmethod
    async def next_change(self, now: datetime) -> JobChange | None: ...

    @abstractmethod
    async def checked(self, change: JobChange) -> None:
        """The job was checked: remove its change, unless a new hint came meanwhile."""
        ...

    @abstractmethod
    async def postpone(self, change: JobChange, until: datetime, *, failed: bool = True) -> None:
        """Check again at `until`. Counts a try if the check `failed`."""
        ...

    @abstractmethod
    async def earliest_change(self) -> datetime | None:
        """When the next change is due, None if there is none."""
        ...

    @abstractmethod
    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> CompletionNews:
        """Record it, unless it is KNOWN, and clear the note of `reopened`. Of concurrent calls for the same completion,
        each waits for the other, and one triggers a send."""
        ...

    @abstractmethod
    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        """Whether `record` would return KNOWN."""
        ...

    @abstractmethod
    async def of_job(self, job_id: str) -> Sequence[RecordedCompletion]:
        """The job's recorded completions on every connection."""
        ...

    @abstractmethod
    async def reopened(self, job_id: str, seen: Sequence[RecordedCompletion]) -> None:
        """Note that the job was found open. `seen` is the result of `of_job` before the job was read: completions
        recorded later may be newer than that reading and do not change."""
        ...

    @abstractmethod
    async def forget_reopenings(self, connection_id: str) -> None:
        """Forget the noted reopenings, because the connection's trigger starts again."""
        ...

    @abstractmethod
    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        """Set when a worker looks after this tenant's changes and its poll. `only_earlier` never sets a later time."""
        ...

    @abstractmethod
    async def pull_forward(self, beyond: datetime, now: datetime) -> int:
        """Make changes, and the poll, due at `now` if they are due after `beyond`. Returns how many there were; a
        worker then looks after them at once."""
        ...

    @abstractmethod
    async def poll(self) -> PollState: ...

    @abstractmethod
    async def go_back(self, to: datetime) -> None:
        """Poll again for changes since `to`, soon. A running poll does not undo this; a first poll is not limited."""
        ...

    @abstractmethod
    async def poll_succeeded(self, begun: PollState, until: datetime, due_at: datetime) -> None:
        """The poll that began with the state `begun` saw every change before `until`. If `go_back` was called since,
        only the count of failures is reset."""
        ...

    @abstractmethod
    async def poll_failed(self, begun: PollState, due_at: datetime) -> int:
        """Count the failure; returns how many there are in a row. Concurrent runs of one poll count once."""
        ...
