"""The audit of the transaction's tenant: only ever added to."""

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
        """Newest first, of those that fit `only`; `before` is the `seq` to go on from."""
        ...
