"""Counts for the monitoring of an installation: waiting and stuck sends, and workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class QueueReport:
    """`age_seconds`: how long the oldest due send is overdue, 0 if none is due."""

    census: InstallationStats
    age_seconds: float


class CollectStats(Service):
    async def __call__(self) -> QueueReport:
        async with self._transactions.begin_instance() as i:
            census = await i.stats()
        oldest = census.oldest_due
        late = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        return QueueReport(census, max(0.0, late))

    async def workers(self) -> Sequence[WorkerHeartbeat]:
        """All workers, one by one; the census only counts live ones."""
        async with self._transactions.begin_instance() as i:
            return await i.workers()
