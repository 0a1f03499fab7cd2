"""What we know of work orders: the header ledger of a tenant, and who uses which number across tenants."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from core.model.work_orders.work_order import WorkOrderRecord


class WorkOrders(Protocol):
    @abstractmethod
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None: ...

    @abstractmethod
    async def save(self, record: WorkOrderRecord) -> None:
        """Insert or replace the record of (connection, job)."""
        ...


class NumberClaims(Protocol):
    """One row a work order number of a Spectrum company, keyed by a hash; it never tells whose it is.

    A claim is taken before the header leaves and counts for good once Spectrum has accepted a write under it. Until
    then it can be given back.
    """

    @abstractmethod
    async def taken(self, key: bytes, owner: bytes) -> bool:
        """Whether somebody else than `owner` uses this number."""
        ...

    @abstractmethod
    async def accepted(self, key: bytes, owner: bytes) -> bool:
        """Whether Spectrum has accepted a write of `owner` under it."""
        ...

    @abstractmethod
    async def claim(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        """Take the number; False if somebody else has it. `adopt` takes it over from them."""
        ...

    @abstractmethod
    async def accept(self, key: bytes, owner: bytes) -> None:
        """Spectrum has accepted a write under it."""
        ...

    @abstractmethod
    async def give_back(self, key: bytes, owner: bytes) -> None:
        """Nothing of the write can stand: free again, or its former owner's. An accepted claim stays."""
        ...
