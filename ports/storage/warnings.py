"""The dashboard's warnings of the transaction's tenant: at most one open warning for each connection, job and topic."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

from core.model.operations.job_counts import OpenSend
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.position import Position


class Warnings(Protocol):
    @abstractmethod
    async def put(self, warning: DashboardWarning) -> None:
        """Raise a warning; it replaces an open one of the same connection, job and topic."""
        ...

    @abstractmethod
    async def clear(self, connection_id: str, job_id: str | None, topic: str = Topic.SEND) -> None:
        """Remove the warning, because its cause is over. `job_id` None removes those of this topic on every job."""
        ...

    @abstractmethod
    async def dismiss(self, warning_id: str) -> DashboardWarning:
        """Dismiss a warning for a person, and return it. Raises NotFound (WARNING_NOT_FOUND)."""
        ...

    @abstractmethod
    async def open(
        self, *, limit: int = 100, after: Position | None = None, code: str | None = None
    ) -> Sequence[DashboardWarning]:
        """Open warnings, newest first. `after` is the time and id of the previous page's last warning."""
        ...

    @abstractmethod
    async def needing(
        self, connection_id: str, need_keys: Collection[str], *, limit: int
    ) -> Sequence[DashboardWarning]:
        """The connection's open warnings of sends that need nothing but these codes, newest first."""
        ...

    @abstractmethod
    async def count_needing(self, connection_id: str, need_keys: Collection[str], *, without: str) -> int:
        """How many there are, not counting those of the job `without`."""
        ...

    @abstractmethod
    async def needing_codes(self, sends: Sequence[OpenSend]) -> Sequence[DashboardWarning]:
        """The open warnings of these sends that need nothing but codes."""
        ...

    @abstractmethod
    async def beside_sends(self, *, limit: int) -> Sequence[DashboardWarning]:
        """The open warnings that are not about a send of their job (their topic is not SEND), newest first."""
        ...
