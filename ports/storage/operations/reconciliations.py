"""Reconciliations of the transaction's tenant, and the jobs of each with what was found."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.model.reconciliation.entry import ReconciledJob
from core.model.reconciliation.run import ListedJob, Reconciliation
from core.model.reconciliation.tally import ReconciliationTally


class Reconciliations(Protocol):
    @abstractmethod
    async def add(self, run: Reconciliation, due_at: datetime) -> None:
        """Store it. A worker begins at `due_at`."""
        ...

    @abstractmethod
    async def get(self, run_id: str, *, lock: bool = False) -> Reconciliation:
        """`lock` locks it until the transaction ends. Raises NotFound (RECONCILIATION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def page(self, *, limit: int = 50, before: int | None = None) -> Sequence[Reconciliation]:
        """Newest first; `before` is the `seq` after which the page begins."""
        ...

    @abstractmethod
    async def running(self) -> Sequence[Reconciliation]:
        """Those that have not ended, locked until the transaction ends, so that nobody adds another one meanwhile."""
        ...

    @abstractmethod
    async def save(self, run: Reconciliation) -> None:
        """Store all fields. Read it with `lock` first."""
        ...

    @abstractmethod
    async def set_due(self, run_id: str, due_at: datetime | None) -> None:
        """Set when a worker continues; None: it has ended."""
        ...

    @abstractmethod
    async def enter(self, run_id: str, round: int, jobs: Collection[ListedJob]) -> None:
        """Enter listed jobs as seen in this reading. One that is new, or has changed since it was checked, is to be
        checked (again)."""
        ...

    @abstractmethod
    async def drop_unlisted(self, run_id: str, round: int) -> int:
        """Forget the jobs that this reading did not see: they were reopened, or belong to other days now. Returns how
        many there were."""
        ...

    @abstractmethod
    async def unchecked(self, run_id: str, limit: int) -> Sequence[ListedJob]:
        """Jobs to check."""
        ...

    @abstractmethod
    async def store(self, run_id: str, jobs: Collection[ReconciledJob]) -> None:
        """Store what was found. A job that was listed anew since it was read stays to be checked."""
        ...

    @abstractmethod
    async def jobs(
        self, run_id: str, mark: str | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[ReconciledJob]:
        """Checked jobs, by id; `after` is the last id of the page before. `mark` as in `ReconciledJob.marks`."""
        ...

    @abstractmethod
    async def tally(self, run_id: str) -> ReconciliationTally: ...
