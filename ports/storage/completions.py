"""Completed jobs: which jobs may have changed, and which completions have set off a send already."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class JobChange:
    """A job that may have changed. `version` counts what was heard of it, `tries` how often looking failed."""

    job_id: str
    version: int
    tries: int = 0


class CompletionNews(IntEnum):
    """What a completion is to us. KNOWN is false: it acted already."""

    KNOWN = 0
    NEW = 1
    REOPENED = 2
    """The job was seen open after a completion of it had acted, and nothing has acted since."""


@dataclass(frozen=True, slots=True)
class RecordedCompletion:
    """One that acted. `version` counts how often the job's reopening made it act again."""

    connection_id: str
    completed_on: datetime | None
    reopened: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class PollState:
    """How far the list of changed jobs is known.

    `until`: every change before it was seen (None: never asked); `due_at`: when to ask next (None: at once); `failures`
    in a row; `version` counts how often somebody sent the poll back.
    """

    until: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    version: int = 0


class JobChanges(Protocol):
    @abstractmethod
    async def add(self, job_id: str, now: datetime) -> None:
        """Look at this job soon. Heard of again while it waits, it stays one change of a higher version."""
        ...

    @abstractmethod
    async def next_due(self, now: datetime) -> JobChange | None: ...

    @abstractmethod
    async def done(self, change: JobChange) -> None:
        """Looked at. A change that was heard of again meanwhile stays."""
        ...

    @abstractmethod
    async def postpone(self, change: JobChange, until: datetime, *, failed: bool = True) -> None:
        """Look again then. Counts a try where looking `failed`."""
        ...

    @abstractmethod
    async def earliest(self) -> datetime | None:
        """When the next change is due; None if none waits."""
        ...


class Completions(Protocol):
    """(connection, job, moment of completion) is recorded once, so however often it is heard of, it acts once.

    A job that was seen open in between may act under the same moment again.
    """

    @abstractmethod
    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> CompletionNews:
        """Record it, unless it is KNOWN. Ends what `reopened` noted. Concurrent twins wait for each other, and one of
        them acts."""
        ...

    @abstractmethod
    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        """Whether recording it would find it KNOWN."""
        ...

    @abstractmethod
    async def of_job(self, job_id: str) -> Sequence[RecordedCompletion]:
        """What acted already of this job, on every connection."""
        ...

    @abstractmethod
    async def reopened(self, job_id: str, seen: Sequence[RecordedCompletion]) -> None:
        """The job was found open. `seen` is what `of_job` gave before looking: what was recorded after that may be
        younger than the look, and stays as it is."""
        ...

    @abstractmethod
    async def forget_reopenings(self, connection_id: str) -> None:
        """The connection's trigger starts anew: what was seen before counts for nothing."""
        ...


class PollSchedule(Protocol):
    """When a tenant's hints and its list of completed jobs are to be looked at next, and by whom."""

    @abstractmethod
    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        """Tell the workers when this tenant has work. `only_earlier` never moves the moment back."""
        ...

    @abstractmethod
    async def poll(self) -> PollState: ...

    @abstractmethod
    async def go_back(self, to: datetime) -> None:
        """Ask again for changes since `to`, as soon as possible. A poll under way does not undo it. One that was never
        made is not limited by it."""
        ...

    @abstractmethod
    async def poll_succeeded(self, begun: PollState, until: datetime, due_at: datetime) -> None:
        """The poll that found the state `begun` saw every change before `until`. Where it was sent back meanwhile, only
        the count of failures ends."""
        ...

    @abstractmethod
    async def poll_failed(self, begun: PollState, due_at: datetime) -> int:
        """Counts the failure; gives how many there are in a row. Twins of one poll count once."""
        ...
