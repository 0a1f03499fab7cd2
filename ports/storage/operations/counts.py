"""Counts of the transaction's tenant. A call takes as long with a million sends as with a thousand: it reads what is
open, and the sends of the asked days, never the history."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model.operations.job_counts import JobCounts, OpenSend, Outcome, Waiting


class Counts(Protocol):
    @abstractmethod
    async def jobs(self) -> JobCounts:
        """The jobs that wait, by what they wait for and by cause."""
        ...

    @abstractmethod
    async def waiting(self, connection_ids: Collection[str]) -> Mapping[str, int]:
        """By connection, the jobs with a send that is due now or later. Connections without one are left out."""
        ...

    @abstractmethod
    async def days(self, bounds: Sequence[datetime]) -> Sequence[Mapping[Outcome, int]]:
        """For each span between two neighbouring `bounds`, the jobs whose sends were requested in it, by how these
        sends stand now."""
        ...

    @abstractmethod
    async def close_days(self, bounds: Sequence[datetime]) -> None:
        """Keep the counts of those spans that have been over for some hours, so that `days` with the same bounds reads
        only the others. A later change of one of their sends is still seen. For a worker, now and then."""
        ...

    @abstractmethod
    async def open_sends(
        self, causes: Collection[tuple[Waiting, str]], *, each: int, stopped: Collection[str]
    ) -> Sequence[OpenSend]:
        """The newest `each` sends of every cause, newest first. `stopped` are the connections whose sends wait until a
        person acts: all of them if the tenant is paused."""
        ...
