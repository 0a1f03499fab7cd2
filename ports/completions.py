"""Completed jobs: the hints that a job changed, and which completions have set off a send already."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hint:
    """A job that may have changed. `version` counts what was heard of it, `tries` how often looking failed."""

    job_id: str
    version: int
    tries: int = 0


class Hints(Protocol):
    @abstractmethod
    async def add(self, job_id: str, now: datetime) -> None:
        """Look at this job soon. Heard of again while it waits, it stays one hint of a higher version."""
        ...

    @abstractmethod
    async def next_due(self, now: datetime) -> Hint | None: ...

    @abstractmethod
    async def done(self, hint: Hint) -> None:
        """Looked at. A hint that was heard of again meanwhile stays."""
        ...

    @abstractmethod
    async def postpone(self, hint: Hint, until: datetime) -> None:
        """Looking failed; try again then. Counts the try."""
        ...

    @abstractmethod
    async def earliest(self) -> datetime | None:
        """When the next hint is due; None if none waits."""
        ...


class Completions(Protocol):
    """(connection, job, moment of completion) is recorded once, so however often it is heard of, it acts once."""

    @abstractmethod
    async def record(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool:
        """True if this completion was not recorded before. Concurrent twins wait for each other."""
        ...

    @abstractmethod
    async def known(self, connection_id: str, job_id: str, completed_on: datetime | None) -> bool: ...


class Watch(Protocol):
    """When a tenant's hints and its list of completed jobs are to be looked at next, and by whom."""

    @abstractmethod
    async def set_due(self, due_at: datetime | None, *, only_earlier: bool) -> None:
        """Tell the workers when this tenant has work. `only_earlier` never moves the moment back."""
        ...

    @abstractmethod
    async def polled(self) -> datetime | None:
        """Up to when ServiceTrade was asked for completed jobs; None if never."""
        ...

    @abstractmethod
    async def set_polled(self, until: datetime) -> None: ...
