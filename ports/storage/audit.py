"""The audit of the transaction's tenant. Entries are only added."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
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
