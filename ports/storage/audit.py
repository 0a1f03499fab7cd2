"""The audit of the transaction's tenant, and that of the operators. Entries are only added."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.operations.audit import EVERYTHING, AuditEntry, AuditFilter


class Audit(Protocol):
    @abstractmethod
    async def record(self, entry: AuditEntry) -> None: ...

    @abstractmethod
    async def page(
        self, *, limit: int = 50, before: int | None = None, only: AuditFilter = EVERYTHING
    ) -> Sequence[AuditEntry]:
        """The entries that fit `only`, newest first; `before` is the `seq` after which the page begins."""
        ...


class OperatorAudit(Audit, Protocol):
    """What operators do to the installation and what is done to operators. It stays when a tenant is removed."""

    @abstractmethod
    async def forget(self, before: datetime, most: int) -> int:
        """Delete at most `most` of the oldest entries, from before this time, which must be at least 30 days ago.
        Returns how many there were."""
        ...
